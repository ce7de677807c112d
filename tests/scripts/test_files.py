"""Names, template, file and loading of a revision."""

from __future__ import annotations

import os
import py_compile
import subprocess
import sys
import threading
from datetime import datetime, timezone
from pathlib import Path

import pytest

from flask_schema.errors import ConfigurationError, RevisionFileError, SchemaError, ScriptError, TemplateError
from flask_schema.scripts.load import load_module
from flask_schema.scripts.names import (
    chronological_revision_id,
    creation_date,
    new_revision_id,
    revision_file,
    slug,
)
from flask_schema.scripts.template import TEMPLATES, Body, Script, render_script
from flask_schema.scripts.writing import write_new_file

MOMENT = datetime(2024, 3, 9, 17, 4, 5, tzinfo=timezone.utc)
RUFF = Path(sys.executable).parent / "ruff"


# -- names --------------------------------------------------------------------------------------


def test_ids_are_random_or_chronological() -> None:
    ids = {new_revision_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(len(one) == 12 and int(one, 16) >= 0 for one in ids)
    assert chronological_revision_id(MOMENT) == "20240309170405"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (None, ""),
        ("Add accounts", "add_accounts"),
        ("  it's -- a/b ../c ", "it_s_a_b_c"),
        ("größe ändern", "größe_ändern"),
        ("one two three four five six seven eight nine", "one_two_three_four_five_six_seven_eight_"),
    ],
)
def test_slugs(message: str | None, expected: str) -> None:
    assert slug(message) == expected


def test_every_token_of_the_file_template(tmp_path: Path) -> None:
    template = "%(year)d/%(month).2d/%(day).2d_%(hour).2d%(minute).2d%(second).2d_%(epoch)s_%(rev)s_%(slug)s"
    path = revision_file(tmp_path, "abc", "Add it", MOMENT, template=template)
    assert path == tmp_path / "2024/03/09_170405_1710003845_abc_add_it.py"
    assert revision_file(tmp_path, "abc", "Add it", MOMENT).name == "abc_add_it.py"


@pytest.mark.parametrize(
    "template", ["../%(rev)s", "/tmp/%(rev)s", "a/../../%(rev)s", "%(nothing)s", "%(rev)", "%(rev)s\0"]
)
def test_a_template_that_leads_astray_is_refused(tmp_path: Path, template: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        revision_file(tmp_path, "abc", "m", MOMENT, template=template)
    assert caught.value.hint


def test_a_revision_id_cannot_leave_the_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        revision_file(tmp_path, "../abc", "m", MOMENT)


def test_time_zones() -> None:
    assert creation_date(None).tzinfo is None
    assert str(creation_date("utc").tzinfo) == "UTC"
    with pytest.raises(ConfigurationError) as caught:
        creation_date("Nowhere/Land")
    assert "UTC" in str(caught.value.hint)


# -- template -----------------------------------------------------------------------------------


def script(**rest: object) -> Script:
    bodies = {"": Body('op.drop_table("x")', 'op.create_table("x")')}
    values: dict[str, object] = {"imports": ("import uuid", "import sqlalchemy as sa"), "bodies": bodies, **rest}
    return Script("add x", "abc", "def", MOMENT, **values)  # type: ignore[arg-type]


def run_ruff(text: str, *arguments: str) -> str:
    command = [str(RUFF), *arguments, "--isolated", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def test_the_default_template() -> None:
    text = render_script(script(depends_on=("one", "two"), branch_labels="main"))
    assert text == (
        '"""add x\n\nRevision ID: abc\nRevises: def\nCreate Date: 2024-03-09 17:04:05+00:00\n"""\n\n'
        "import uuid\n\nimport sqlalchemy as sa\nfrom flask_schema import op\n\n"
        'revision: str = "abc"\n'
        'down_revision: str | tuple[str, ...] | None = "def"\n'
        'branch_labels: str | tuple[str, ...] | None = "main"\n'
        'depends_on: str | tuple[str, ...] | None = ("one", "two")\n\n\n'
        'def upgrade() -> None:\n    op.drop_table("x")\n\n\n'
        'def downgrade() -> None:\n    op.create_table("x")\n'
    )
    assert run_ruff(text, "format") == text


def test_an_empty_revision_is_a_form_to_fill_in() -> None:
    text = render_script(Script("", "abc", None, MOMENT))
    assert "import sqlalchemy as sa\nfrom flask_schema import op\n" in text
    assert text.count("    pass\n") == 2
    assert run_ruff(text, "format") == text


def test_no_import_without_need() -> None:
    text = render_script(script(imports=()))
    assert "sqlalchemy" not in text
    run_ruff(text, "check", "--select", "F,I,E9")


def test_a_message_cannot_break_the_file() -> None:
    for message in ('say """x"""', "back\\slash", "two\nlines", "trailing \\", 'quote"'):
        namespace: dict[str, object] = {}
        text = render_script(Script(message, "abc", None, MOMENT, bodies={"": Body("pass", "pass")}))
        exec(compile(text.replace("from flask_schema import op", ""), "x", "exec"), namespace)
        assert str(namespace["__doc__"]).startswith(message)


def test_several_databases() -> None:
    bodies = {"main": Body('op.drop_table("x")'), "other": Body("", "op.f('y')")}
    text = render_script(script(bodies=bodies), TEMPLATES / "multidb.py.mako")
    assert 'def upgrade_main() -> None:\n    op.drop_table("x")\n' in text
    assert "def downgrade_main() -> None:\n    pass\n" in text
    assert "def downgrade_other() -> None:\n    op.f('y')\n" in text
    assert run_ruff(text.replace("'y'", '"y"'), "format") == text.replace("'y'", '"y"')


def test_a_template_written_for_alembic(tmp_path: Path) -> None:
    template = tmp_path / "script.py.mako"
    template.write_text(
        '"""${message}\n\nRevises: ${down_revision | comma,n}\n"""\nfrom alembic import op\nimport sqlalchemy as sa\n'
        '${imports if imports else ""}\nrevision = ${repr(up_revision)}\ndown_revision = ${repr(down_revision)}\n\n'
        'def upgrade():\n    ${upgrades if upgrades else "pass"}\n\n\n'
        'def downgrade():\n    ${downgrades if downgrades else "pass"}\n\n# ${config.file} ${mine}\n'
    )

    class Config:
        file = "alembic.ini"

    text = render_script(script(config=Config(), arguments={"mine": "yours"}), template)
    assert text.count("import sqlalchemy as sa") == 1
    assert "from flask_schema" not in text
    assert "import uuid" in text
    assert "down_revision = 'def'" in text
    assert text.endswith("# alembic.ini yours\n")


@pytest.mark.parametrize(
    ("source", "line"), [("fine\n\n${1/0}\n", 3), ("a\n% if x:\n", 2), ("a = ${nothing.at_all}", 1), ("def (", None)]
)
def test_a_broken_template_is_named_with_its_line(tmp_path: Path, source: str, line: int | None) -> None:
    template = tmp_path / "script.py.mako"
    template.write_text(source)
    with pytest.raises(TemplateError) as caught:
        render_script(script(), template)
    assert caught.value.file == str(template)
    assert caught.value.line == line
    assert caught.value.hint


def test_a_missing_template(tmp_path: Path) -> None:
    with pytest.raises(TemplateError):
        render_script(script(), tmp_path / "none.mako")


def test_a_changed_template_is_read_again(tmp_path: Path) -> None:
    template = tmp_path / "script.py.mako"
    template.write_text("x = 1\n")
    assert render_script(script(), template) == "x = 1\n"
    template.write_text("x = 2\n")
    os.utime(template, ns=(1, 1))
    assert render_script(script(), template) == "x = 2\n"


# -- writing ------------------------------------------------------------------------------------


def test_a_file_is_written_with_its_folders_and_nothing_beside_it(tmp_path: Path) -> None:
    path = write_new_file(tmp_path / "2024" / "a.py", "größe = 1\n")
    assert path.read_text(encoding="utf-8") == "größe = 1\n"
    assert [one.name for one in path.parent.iterdir()] == ["a.py"]
    assert path.stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_no_file_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("mine")
    with pytest.raises(RevisionFileError) as caught:
        write_new_file(path, "yours")
    assert path.read_text() == "mine"
    assert caught.value.hint
    assert [one.name for one in tmp_path.iterdir()] == ["a.py"]


def test_one_of_many_writers_wins(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    won: list[str] = []

    def write(text: str) -> None:
        try:
            write_new_file(path, text)
        except RevisionFileError:
            return
        won.append(text)

    threads = [threading.Thread(target=write, args=(f"{number}" * 1000,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [path.read_text()]


def test_a_place_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SchemaError) as caught:
        write_new_file(tmp_path / "file" / "a.py", "x")
    assert caught.value.hint
    with pytest.raises(SchemaError):
        write_new_file(tmp_path / "a.py", "größe", encoding="ascii")
    assert not (tmp_path / "a.py").exists()


# -- loading ------------------------------------------------------------------------------------


def test_a_module_is_fresh_and_leaves_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "ab-c_x.py"
    path.write_text(
        "from __future__ import annotations\nimport dataclasses\n@dataclasses.dataclass\nclass A:\n    x: int = 1\n"
        "def upgrade():\n    return A().x\n"
    )
    known = set(sys.modules)
    one, other = load_module(path), load_module(path)
    assert one is not other
    assert one.upgrade() == 1
    assert one.__file__ == str(path)
    assert {name for name in set(sys.modules) - known if "revision" in name} == set()


def test_compiled_code_is_kept_and_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    load_module(path)
    assert list((tmp_path / "__pycache__").glob("a.*.pyc"))
    path.write_text("x = 22\n")
    assert load_module(path).x == 22


def test_without_source(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    compiled = py_compile.compile(str(path), cfile=str(tmp_path / "a.pyc"))
    assert compiled is not None
    path.unlink()
    assert load_module(tmp_path / "a.pyc").x == 1


@pytest.mark.parametrize(
    ("source", "error", "line"),
    [
        ("x = 1\ndef (:\n", RevisionFileError, 2),
        ("x = 1\n\nimport no_such_package.part\n", ScriptError, 3),
        ("def f():\n    return 1 / 0\n\nf()\n", ScriptError, 2),
        ("\0", RevisionFileError, None),
    ],
)
def test_what_fails_is_named_with_file_and_line(
    tmp_path: Path, source: str, error: type[SchemaError], line: int | None
) -> None:
    path = tmp_path / "a.py"
    path.write_text(source)
    with pytest.raises(error) as caught:
        load_module(path)
    assert caught.value.file == str(path)
    assert caught.value.line == line


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RevisionFileError):
        load_module(tmp_path / "a.py")


def test_an_error_of_ours_passes_through(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("from flask_schema.errors import NoContext\nraise NoContext('op is not there')\n")
    with pytest.raises(SchemaError, match="op is not there"):
        load_module(path)


def test_dialects_that_a_file_names_without_importing_them(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(
        "import sqlalchemy as sa\n\n\ndef upgrade():\n    return [sa.dialects.oracle.NUMBER, sa.dialects.mssql.BIT]\n"
    )
    for name in ("oracle", "mssql"):
        sys.modules.pop(f"sqlalchemy.dialects.{name}", None)
        vars(sys.modules["sqlalchemy.dialects"]).pop(name, None)
    assert [one.__name__ for one in load_module(path).upgrade()] == ["NUMBER", "BIT"]
