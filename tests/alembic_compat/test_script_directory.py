"""``ScriptDirectory`` and ``Script``: what programs ask of revision files, and the files that they write."""

from __future__ import annotations

from pathlib import Path

import pytest

from flask_schema import Config, ScriptDirectory
from flask_schema.alembic_compat.script import write_hooks
from flask_schema.errors import (
    ConfigurationError,
    DuplicateRevision,
    HistoryError,
    MultipleHeads,
    RouteError,
    TemplateError,
)
from tests.alembic_compat.programs import make_config, scripts_of, write_revision

PLAIN_TEMPLATE = """\
\"\"\"${message}\"\"\"
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}
${imports or ""}

def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    made = make_config(tmp_path / "scripts", chain=("aaaa1", "bbbb2", "cccc3"))
    (tmp_path / "scripts" / "script.py.mako").write_text(PLAIN_TEMPLATE, encoding="utf-8")
    return made


def test_questions(config: Config) -> None:
    scripts = scripts_of(config)
    assert scripts.get_current_head() == "cccc3"
    assert scripts.get_heads() == ["cccc3"]
    assert scripts.get_base() == "aaaa1"
    assert scripts.get_bases() == ["aaaa1"]
    assert [one.revision for one in scripts.walk_revisions()] == ["cccc3", "bbbb2", "aaaa1"]
    assert [one.revision for one in scripts.walk_revisions("bbbb2", "head")] == ["cccc3", "bbbb2"]
    assert [one.revision for one in scripts.iterate_revisions("cccc3", "aaaa1")] == ["cccc3", "bbbb2"]
    assert scripts.as_revision_number("head") == "cccc3"
    assert scripts.as_revision_number("heads") == ("cccc3",)
    assert scripts.as_revision_number("base") is None
    assert {one.revision for one in scripts.get_all_current(("bbbb2",))} == {"bbbb2"}
    assert str(scripts.steps_revs(list(scripts.walk_revisions()))[0]) == "upgrade  -> aaaa1, make aaaa1"


def test_a_script(config: Config) -> None:
    script = scripts_of(config).get_revision("bbbb")
    assert script.revision == "bbbb2"
    assert script.down_revision == "aaaa1"
    assert script.doc == script.longdoc == "make bbbb2"
    assert Path(script.path).name == "bbbb2_.py"
    assert callable(script.module.upgrade)
    assert script.nextrev == {"cccc3"}
    assert not script.is_head
    assert script.cmd_format(False, include_doc=True, include_parents=True) == "aaaa1 -> bbbb2, make bbbb2"
    assert str(script) == "aaaa1 -> bbbb2, make bbbb2"
    assert script.log_entry == f"Rev: bbbb2\nParent: aaaa1\nPath: {script.path}\n\n    make bbbb2\n"
    assert script.cmd_format(True) == script.log_entry


def test_nothing_is_run_to_answer(config: Config, tmp_path: Path) -> None:
    file = tmp_path / "scripts" / "versions" / "dddd4_.py"
    file.write_text("revision = 'dddd4'\ndown_revision = 'cccc3'\nraise RuntimeError\n", encoding="utf-8")
    assert scripts_of(config).get_heads() == ["dddd4"]


def test_several_heads_and_bases(config: Config, tmp_path: Path) -> None:
    write_revision(tmp_path / "scripts", "dddd4", None, needs="bbbb2", labels=("side",))
    scripts = scripts_of(config)
    assert scripts.get_heads() == ["cccc3", "dddd4"]
    with pytest.raises(MultipleHeads):
        scripts.get_current_head()
    with pytest.raises(MultipleHeads):
        scripts.get_base()
    assert scripts.get_heads(consider_depends_on=True) == ["cccc3", "dddd4"]
    marked = scripts.get_revision("side@head")
    assert "(head)" in marked.log_entry
    assert "Also depends on: bbbb2" in marked.log_entry
    assert "Branch names: side" in marked.log_entry


def test_a_new_revision(config: Config) -> None:
    scripts = scripts_of(config)
    made = scripts.generate_revision(
        "dddd4", "what is new", upgrades="op.execute('up')\n    op.execute('2')", imports="from flask_schema import op"
    )
    assert made is not None
    assert made.down_revision == "cccc3"
    assert Path(made.path).name == "dddd4_what_is_new.py"
    assert "    op.execute('up')\n    op.execute('2')\n" in Path(made.path).read_text(encoding="utf-8")
    assert scripts.get_heads() == ["dddd4"]
    assert scripts.get_revision("cccc3").nextrev == {"dddd4"}
    branch = scripts.generate_revision("eeee5", None, head="bbbb2", splice=True, branch_labels="side")
    assert branch is not None
    assert branch.doc == "empty message"
    joined = scripts.generate_revision("ffff6", "join", head=("dddd4", "side@head"), depends_on="aaaa")
    assert joined is not None
    assert joined.down_revision == ("dddd4", "eeee5")
    assert joined.dependencies == "aaaa1"
    assert ScriptDirectory.from_config(config).get_heads() == ["ffff6"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"revid": "dd-d"}, HistoryError),
        ({"revid": "bbbb2"}, DuplicateRevision),
        ({"revid": "dddd4", "head": "bbbb2"}, RouteError),
        ({"revid": "dddd4", "head": "nowhere"}, HistoryError),
        ({"revid": "dddd4", "version_path": "/elsewhere"}, ConfigurationError),
        ({"revid": "dddd4", "depends_on": "nowhere"}, HistoryError),
    ],
)
def test_refusals(config: Config, arguments: dict[str, str], error: type[Exception]) -> None:
    scripts = scripts_of(config)
    with pytest.raises(error):
        scripts.generate_revision(message="x", **arguments)  # type: ignore[arg-type]
    assert scripts_of(config).get_heads() == ["cccc3"]


def test_a_template_without_labels_is_told(config: Config, tmp_path: Path) -> None:
    template = tmp_path / "scripts" / "script.py.mako"
    template.write_text(PLAIN_TEMPLATE.replace("branch_labels = ${repr(branch_labels)}\n", ""), encoding="utf-8")
    with pytest.raises(TemplateError, match="side"):
        scripts_of(config).generate_revision("dddd4", "x", branch_labels="side")


def test_several_version_locations(config: Config, tmp_path: Path) -> None:
    scripts = tmp_path / "scripts"
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", f"{scripts}/versions\n{scripts}/more")
    directory = scripts_of(config)
    with pytest.raises(ConfigurationError):
        _ = directory.versions
    made = directory.generate_revision("dddd4", "beside its parent")
    assert made is not None
    assert Path(made.path).parent == scripts / "versions"
    with pytest.raises(ConfigurationError, match="version locations"):
        directory.generate_revision("eeee5", "x", head="base")
    moved = directory.generate_revision("eeee5", "x", head="base", version_path=scripts / "more")
    assert moved is not None
    assert Path(moved.path).parent == scripts / "more"


def test_hooks(config: Config) -> None:
    seen: list[tuple[str, dict[str, str]]] = []
    write_hooks.register("note")(lambda path, options: seen.append((path, options)))
    config.set_section_option("post_write_hooks", "hooks", "mine")
    config.set_section_option("post_write_hooks", "mine.type", "note")
    config.set_section_option("post_write_hooks", "mine.word", "hello")
    made = scripts_of(config).generate_revision("dddd4", "x")
    assert made is not None
    assert seen == [(made.path, {"_hook_name": "mine", "type": "note", "word": "hello"})]
    config.set_section_option("post_write_hooks", "mine.type", "unknown")
    with pytest.raises(ConfigurationError, match="unknown"):
        scripts_of(config).generate_revision("eeee5", "x")
