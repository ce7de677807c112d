"""The reference says what the code says, and every operation has its corresponding parts."""

from __future__ import annotations

import importlib.util
import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy.engine import make_url

import flask_schema
from flask_schema import errors
from flask_schema.cli import db
from flask_schema.config import list_settings
from flask_schema.dialects.compiler import Compiler
from flask_schema.dialects.postgresql.compiler import PostgresqlCompiler
from flask_schema.dialects.registry import dialect_for
from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.errors import Irreversible, OperationRefused, SchemaError
from flask_schema.operations.facade import op
from flask_schema.operations.operation import CATALOGUE, Operation
from flask_schema.scripts.renderers import RENDERERS
from flask_schema.snapshot.elements import Column, DataType, QualifiedName, Table
from flask_schema.snapshot.snapshot import Snapshot
from tests.operations.objects import CHANGES, CREATIONS
from tests.scripts.test_source import CASES

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = DOCS / "reference"
URLS = ("sqlite://", "postgresql://", "cockroachdb://", "mysql+pymysql://")
EXAMPLES = [*(operation for operation, _ in CASES), *CREATIONS, *CHANGES]


def load(name: str) -> ModuleType:
    specification = importlib.util.spec_from_file_location(f"docs_{name}", DOCS / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


NOTES = load("directives").DIRECTIVES


@pytest.mark.parametrize("page", ["settings.md", "errors.md", "operations.md", "matrix.md", "python-api.md"])
def test_the_page_says_what_the_code_says(page: str) -> None:
    written = (REFERENCE / page).read_text(encoding="utf-8")
    assert written == load("generate").PAGES[page](), "run: python docs/generate.py"


def without_spaces(text: str) -> str:
    """Text as it is whatever the width of the terminal and the version of Click."""
    return "".join(text.split())


@pytest.mark.parametrize("command", ["", *sorted(db.commands)])
def test_a_command_has_its_help_on_the_page(command: str) -> None:
    written = (REFERENCE / "commands.md").read_text(encoding="utf-8")
    title = f"## flask db {command}".rstrip()
    [section] = [one for one in written.split("\n## ") if f"## {one}".startswith(f"{title}\n")]
    printed = CliRunner().invoke(db, [*command.split(), "--help"], prog_name="flask db", terminal_width=100)
    assert printed.exit_code == 0
    assert without_spaces(printed.output) in without_spaces(section), "run: python docs/generate.py"


def test_the_page_of_commands_has_no_other() -> None:
    written = (REFERENCE / "commands.md").read_text(encoding="utf-8")
    titles = [line.removeprefix("## flask db").strip() for line in written.splitlines() if line.startswith("## ")]
    assert titles == ["", *sorted(db.commands)]


def test_every_setting_and_every_error_has_a_row() -> None:
    settings = (REFERENCE / "settings.md").read_text(encoding="utf-8")
    for name, setting in list_settings().items():
        assert f"| `{name}` | {setting.kind}" in settings
        assert setting.meaning in settings
    page = (REFERENCE / "errors.md").read_text(encoding="utf-8")
    found = [one for one in vars(errors).values() if inspect.isclass(one) and issubclass(one, SchemaError)]
    assert len({one.code for one in found}) == len(found) > 30
    for one in found:
        assert f"| {one.code} | `{one.__name__}` |" in page


def test_the_settings_without_effect_are_those_that_nothing_reads() -> None:
    sources = [path for path in Path(flask_schema.__file__).parent.rglob("*.py") if path.name != "settings.py"]
    # an engine's own word beside the setting's: a capability of dialects, an argument of SQLAlchemy's compilers
    others = re.compile(
        r"capabilities\.transactional_ddl|transactional_ddl(: bool)? ?=|``transactional_ddl``|literal_binds"
    )
    text = others.sub("", "\n".join(path.read_text(encoding="utf-8") for path in sources))
    unread = {name for name in list_settings() if not re.search(rf"\b{name}\b", text)}
    assert unread == set(load("generate").WITHOUT_EFFECT)


def test_every_module_that_answers_for_alembic_is_on_the_page() -> None:
    page = (REFERENCE / "alembic-names.md").read_text(encoding="utf-8")
    missing = [name for name in load("alembic_names").list_modules() if f"| `alembic{name}` |" not in page]
    assert missing == [], "run: python docs/generate.py"


def test_every_public_name_is_on_the_page() -> None:
    page = (REFERENCE / "python-api.md").read_text(encoding="utf-8")
    for name in set(flask_schema.__all__) - {"__version__"}:
        assert f"`{name}`" in page or f"### {name}\n" in page


# -- operations -------------------------------------------------------------------------------


@pytest.mark.parametrize("directive", sorted(CATALOGUE))
def test_an_operation_has_a_directive_a_compiler_a_renderer_and_its_place(directive: str) -> None:
    assert callable(getattr(op, directive))
    assert hasattr(Compiler, directive) or hasattr(PostgresqlCompiler, directive)
    assert directive in RENDERERS
    assert f"\n## op.{directive}\n" in (REFERENCE / "operations.md").read_text(encoding="utf-8")


def test_the_notes_are_about_the_operations() -> None:
    ours = {name for name, cls in CATALOGUE.items() if cls.__module__.startswith("flask_schema.")}
    assert set(NOTES) == ours


def outcome(operation: Operation, url: str) -> str:
    """What a dialect says of an operation on a table that it knows: ``refused`` or ``done``."""
    columns = tuple(Column(name, DataType("INTEGER", sa.Integer())) for name in ("id", "a", "b", "x", "room", "during"))
    dialect = dialect_for(make_url(url).get_dialect()())
    tables = [Table(QualifiedName("accounts"), columns)]
    try:
        list(dialect.statements([operation], ReplayedSurroundings(dialect, Snapshot.of(dialect.name, tables))))
    except OperationRefused as error:
        # what is not in that table is not refused because of the database
        return "done" if isinstance(error, errors.ObjectMissing) else "refused"
    except (errors.OfflineRefused, sa.exc.ArgumentError):
        return "done"
    return "done"


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("directive", sorted({operation.directive for operation in EXAMPLES}))
def test_a_database_refuses_what_the_page_says(directive: str, url: str) -> None:
    outcomes = {outcome(one, url) for one in EXAMPLES if one.directive == directive}
    note = NOTES[directive][URLS.index(url)]
    if note.startswith("refused"):
        assert outcomes == {"refused"}, note
    elif "refused" not in note:
        # options of another database are refused too, so one example that works is enough
        assert "done" in outcomes, note


@pytest.mark.parametrize("operation", EXAMPLES, ids=lambda one: one.directive)
def test_an_operation_inverts_to_what_the_page_says(operation: Operation) -> None:
    back = NOTES[operation.directive].back
    try:
        inverse = operation.invert()
    except Irreversible:
        assert "none" in back or "known" in back or "existing" in back
    else:
        assert f"`{inverse.directive}`" in back
