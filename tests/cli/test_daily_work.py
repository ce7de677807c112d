"""The commands in the order in which people use them, and what they print."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cli.conftest import Site


def test_from_nothing_to_a_table_and_back(site: Site) -> None:
    site.table("accounts", sa.Column("balance", sa.BigInteger, nullable=False))
    output = site.type("init").output
    assert output.splitlines() == [
        "Wrote migrations/versions/",
        "Wrote migrations/script.py.mako",
        "Wrote migrations/README",
        "Wrote migrations/env.py",
        'next: flask db migrate -m "what the first revision creates"',
    ]
    output = site.type("migrate", "-m", "create accounts").output
    found = re.search(r"Wrote migrations/versions/(\w{12})_create_accounts\.py\n", output)
    assert found, output
    revision = found[1]
    assert "create table accounts" in output
    assert "next: read the file, then run 'flask db upgrade'" in output

    upgraded = site.type("upgrade").output
    assert re.fullmatch(
        rf"Upgrade <base> -> {revision}, create accounts \(\d+\.\d\d s\)\nThe database is at {revision} \(head\)\.\n",
        upgraded,
    )
    assert site.names() == ["accounts"]
    assert site.type("current").stdout == f"{revision} (head)\n"
    assert site.type("heads").stdout == f"{revision} (head)\n"
    assert site.type("history").stdout == f"<base> -> {revision} (head), create accounts\n"
    assert site.type("upgrade").output == f"Nothing to do: the database is at {revision} (head).\n"
    assert "No changes" in site.type("check").output
    assert "No changes" in site.type("migrate", "-m", "again").output
    assert len(list(site.versions.glob("*.py"))) == 1

    assert f"Downgrade {revision} -> <base>, create accounts" in site.type("downgrade").output
    assert site.names() == []
    assert site.type("current").stdout == ""


def test_without_env_py_everything_works_too(site: Site) -> None:
    site.table("accounts")
    site.type("init")
    (site.folder / "migrations" / "env.py").unlink()
    (site.folder / "migrations" / "script.py.mako").unlink()
    site.type("migrate", "-m", "one")
    site.type("upgrade")
    assert site.names() == ["accounts"]


def test_the_env_py_of_init_is_short_and_its_example_works(site: Site) -> None:
    site.table("accounts")
    site.table("celery_tasks")
    site.type("init")
    env = site.folder / "migrations" / "env.py"
    text = env.read_text()
    assert len(text.splitlines()) <= 25
    env.write_text(re.sub(r"^(\s*)# (?=def|    \"|    return|include)", r"\1", text, flags=re.MULTILINE))
    site.type("migrate", "-m", "one")
    site.type("upgrade")
    assert site.names() == ["accounts"]


def test_init_refuses_a_directory_with_files(site: Site) -> None:
    site.type("init")
    output = site.type("init", status=1).output
    assert "Error: the directory migrations exists and is not empty" in output
    assert "hint: " in output


def test_init_takes_other_places_and_packages(site: Site) -> None:
    site.type("-d", "elsewhere", "init", "--package")
    files = sorted(str(path.relative_to(site.folder)) for path in (site.folder / "elsewhere").rglob("*"))
    assert files == [
        "elsewhere/README",
        "elsewhere/__init__.py",
        "elsewhere/env.py",
        "elsewhere/script.py.mako",
        "elsewhere/versions",
        "elsewhere/versions/__init__.py",
    ]
    assert site.type("heads", "-d", "elsewhere").stdout == ""


def test_init_copies_a_template_of_ones_own(site: Site) -> None:
    own = site.folder / "templates" / "ours"
    own.mkdir(parents=True)
    (own / "script.py.mako").write_text("# ours\nrevision = ${repr(up_revision)}\ndown_revision = None\n")
    (own / "env.py").write_text("x = 1\n")
    site.type("init", "-t", "templates/ours")
    assert (site.folder / "migrations" / "env.py").read_text() == "x = 1\n"
    assert (site.folder / "migrations" / "script.py.mako").read_text().startswith("# ours")
    assert "there is no template 'theirs'" in site.type("init", "-d", "x", "-t", "theirs", status=2).output
    assert site.type("list-templates").output.split()[0] == "flask"


def test_sql_goes_to_standard_output_alone(site: Site) -> None:
    site.table("accounts")
    site.type("init")
    site.type("migrate", "-m", "one")
    result = site.type("upgrade", "--sql")
    assert "CREATE TABLE accounts" in result.stdout
    assert result.stderr == ""
    assert "Nothing to do" not in result.stdout
    assert site.names() == []
    down = site.type("downgrade", "--sql", "head:base").stdout
    assert "DROP TABLE accounts" in down


def test_quiet_leaves_results_only(site: Site) -> None:
    site.table("accounts")
    assert site.type("init", "-q").output == ""
    assert site.type("migrate", "-m", "one", "--quiet").output == ""
    assert site.type("-q", "upgrade").output == ""
    assert site.type("-q", "current").output.endswith("(head)\n")


def test_relative_and_named_targets(site: Site) -> None:
    for number, parent in (("aaaa1", None), ("bbbb2", "aaaa1"), ("cccc3", "bbbb2")):
        site.write(number, parent, f"op.create_table('t{number}', sa.Column('id', sa.Integer))")
    assert "is at aaaa1." in site.type("upgrade", "+1").output
    assert "is at bbbb2." in site.type("upgrade", "bbbb").output
    assert "is at cccc3 (head)." in site.type("upgrade", "heads").output
    assert "is at bbbb2." in site.type("downgrade", "-1").output
    assert "is at aaaa1." in site.type("downgrade", "-q", "-1").output or site.type("current").stdout == "aaaa1\n"
    assert "before the first revision" in site.type("downgrade", "base").output


def test_stamp_several_and_purge(site: Site) -> None:
    site.write("aaaa1", None)
    site.write("bbbb2", "aaaa1")
    site.write("cccc3", "aaaa1")
    assert "is at bbbb2 (head), cccc3 (head)." in site.type("stamp", "bbbb2", "cccc3").output
    assert site.names() == []
    assert site.type("current").stdout.splitlines() == ["bbbb2 (head)", "cccc3 (head)"]
    assert "is at aaaa1." in site.type("stamp", "--purge", "aaaa1").output
    assert site.type("stamp", "aaaa1").output == "Nothing to do: the database is at aaaa1.\n"


def test_current_fails_on_demand_when_behind(site: Site) -> None:
    site.write("aaaa1", None)
    assert "is not at the head: aaaa1" in site.type("current", "--check-heads", status=1).output
    site.type("upgrade")
    site.type("current", "--check-heads")
    state = json.loads(site.type("current", "--json").stdout)[0]
    assert (state["database"], state["is_head"], state["revisions"][0]["revision"]) == ("", True, "aaaa1")


def test_check_lists_what_differs(site: Site) -> None:
    site.table("accounts")
    site.type("init")
    result = site.type("check", status=1)
    assert "create table accounts" in result.stdout
    assert "Error: models and database differ" in result.stderr
    assert "hint: run 'flask db migrate" in result.stderr


def test_no_changes_says_why(site: Site) -> None:
    site.type("init")
    assert "have no tables" in site.type("migrate", "-m", "x").output
    site.table("accounts")
    with site.app.app_context():
        site.db.create_all()
    output = site.type("migrate", "-m", "x").output
    assert "no version" in output
    assert "stamp" in output


def test_a_rename_is_asked_for_by_option(site: Site) -> None:
    table = site.table("accounts", sa.Column("name", sa.String(20)))
    site.type("init")
    site.type("migrate", "-m", "one")
    site.type("upgrade")
    site.db.metadata.remove(table)
    site.table("accounts", sa.Column("title", sa.String(20)))
    noted = site.type("migrate", "-m", "two", "--sql").output
    assert "title" in noted
    output = site.type("migrate", "-m", "two", "--rename", "accounts.name:accounts.title").output
    assert "drop" not in output
    site.type("upgrade")


def test_binds_migrate_each_their_own(make_site: Callable[..., Site], tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path / 'users.sqlite'}"
    site = make_site(binds={"users": other})
    site.table("accounts")
    sa.Table("people", site.db.metadatas["users"], sa.Column("id", sa.Integer, primary_key=True))
    site.type("init")
    site.type("migrate", "-m", "both")
    output = site.type("upgrade").output
    assert "[users] Upgrade <base>" in output
    assert "The database 'users' is at" in output
    assert site.names() == ["accounts"]
    engine = sa.create_engine(other, poolclass=sa.NullPool)
    assert set(sa.inspect(engine).get_table_names()) == {"people", "alembic_version"}
    lines = site.type("current").stdout.splitlines()
    assert lines[0].startswith("(default): sqlite:///")
    assert lines[2].startswith("users: sqlite:///")


def test_x_arguments_of_group_and_command_come_together(site: Site) -> None:
    site.write("aaaa1", None)
    (site.folder / "migrations" / "env.py").write_text(
        "from flask_schema import context\ncontext.configure()\n"
        "print(context.get_x_argument(), context.get_x_argument(as_dictionary=True), context.get_tag_argument())\n"
        "context.run_migrations()\n"
    )
    output = site.type("-x", "a=1", "upgrade", "-x", "b", "--tag", "t").output
    assert "['a=1', 'b'] {'a': '1', 'b': ''} t" in output


def test_a_migration_of_the_application_does_not_touch_logging(site: Site) -> None:
    import logging

    before = (logging.root.level, list(logging.root.handlers), site.app.logger.disabled, site.app.logger.level)
    site.write("aaaa1", None)
    site.type("upgrade")
    assert (logging.root.level, list(logging.root.handlers), site.app.logger.disabled, site.app.logger.level) == before


@pytest.mark.parametrize("variable", ["VISUAL", "EDITOR"])
def test_edit_opens_the_file_without_a_shell(site: Site, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    path = site.write("aaaa1", None)
    script = site.folder / "my editor.py"
    script.write_text("import sys, pathlib\npathlib.Path(sys.argv[-1]).write_text('# ' + ' '.join(sys.argv[1:]))\n")
    import shlex
    import sys

    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv(variable, f"{shlex.quote(sys.executable)} {shlex.quote(str(script))} --wait ';touch x'")
    site.type("edit", "head")
    assert path.read_text() == f"# --wait ;touch x {path}"
    assert not (site.folder / "x").exists()
    monkeypatch.setenv(variable, "no-such-editor")
    path.write_text("revision = 'aaaa1'\ndown_revision = None\n")
    assert "the editor 'no-such-editor' cannot be started" in site.type("edit", "aaaa1", status=1).output
