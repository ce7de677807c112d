"""The file that is written: types of others, imports, hooks for parts of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.alembic_compat.autogenerate import render_python_code
from flask_schema.alembic_compat.operations import ops
from flask_schema.scripts.imports import sorted_imports
from tests.autogenerate.conftest import body, source
from tests.scenarios.projects import Place

MakePlace = Callable[..., Place]

SHOP_TYPES = '''
import sqlalchemy as sa


class Choice(sa.types.TypeDecorator):
    """As sqlalchemy-utils' ChoiceType: the type it stands on is an argument."""

    impl = sa.Unicode(255)
    cache_ok = True

    def __init__(self, choices, impl=None):
        super().__init__()
        self.choices = tuple(choices)
        self.impl = impl if impl is not None else sa.Unicode(255)

    def load_dialect_impl(self, dialect):
        return dialect.type_descriptor(self.impl)


class Money(sa.types.TypeDecorator):
    impl = sa.Numeric
    cache_ok = True

    def __init__(self, digits=2):
        super().__init__(18, digits)
        self.digits = digits


class Point(sa.types.UserDefinedType):
    cache_ok = True

    def __repr__(self):
        return "Point()"

    def get_col_spec(self, **_):
        return "POINT"
'''


@pytest.fixture
def shop_types(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    (folder / "shop_types.py").write_text(SHOP_TYPES)
    monkeypatch.syspath_prepend(str(folder))
    import shop_types  # type: ignore[import-not-found]

    yield shop_types
    del sys.modules["shop_types"]


def test_types_of_others(make_place: MakePlace, shop_types: Any) -> None:
    metadata = sa.MetaData()
    sa.Table(
        "t",
        metadata,
        sa.Column("a", shop_types.Choice(["x"], impl=sa.String(5))),
        sa.Column("b", shop_types.Choice(["x"])),
        sa.Column("c", shop_types.Money(4)),
        sa.Column("d", shop_types.Point()),
        sa.Column("e", sa.String(50), server_default='it\'s 100%\nnew "line" \\ :x'),
    )
    place = make_place(metadata)
    place.fine("migrate", "-m", "types")
    text = source(place)
    for said in (
        'shop_types.Choice(("x",), impl=sa.String(length=5))',
        'sa.Column("b", shop_types.Choice(("x",)))',
        "shop_types.Money(digits=4)",
        "shop_types.Point()",
    ):
        assert said in text
    assert text.index("\n\nimport shop_types\n\n") > text.index("from flask_schema import op")
    place.fine("upgrade")
    place.fine("check")
    _is_clean(place.versions)


def test_what_a_hook_adds_is_clean_too(make_place: MakePlace, shop: sa.MetaData) -> None:
    def add(context: Any, revision: Any, directives: list[Any]) -> None:
        directives[0].upgrade_ops.ops += [
            ops.CreateTableOp("extra", [sa.Column("id", sa.Numeric(10, 2), primary_key=True, comment="c" * 80)]),
            ops.ExecuteSQLOp("UPDATE extra\n   SET id = 1"),
            ops.CreateCheckConstraintOp("positive", "extra", sa.column("id") > 0),
            ops.BulkInsertOp(sa.table("extra", sa.column("id", sa.Integer())), [{"id": 1}]),
            ops.CreateIndexOp("ix", "extra", [sa.func.abs(sa.column("id")).desc()], mysql_length=5),
        ]

    place = make_place(shop, process_revision_directives=add)
    place.fine("migrate", "-m", "more")
    text = body(place)
    assert 'op.create_check_constraint(op.f("positive"), "extra", "id > 0")' in text
    assert "mysql_length=5" in text
    _is_clean(place.versions)


def _is_clean(folder: Path) -> None:
    """ruff finds nothing to format, and no import that is missing, unused or out of order."""
    for arguments in (["format", "--diff"], ["check", "--select", "F,E9,I"]):
        ruff = [sys.executable, "-m", "ruff", *arguments, "--no-cache", "--isolated", str(folder)]
        done = subprocess.run(ruff, capture_output=True, text=True, check=False, cwd=folder.parent.parent)
        assert done.returncode == 0, done.stdout + done.stderr


def test_render_item_is_asked_for_all_parts(make_place: MakePlace, shop: sa.MetaData) -> None:
    asked: list[tuple[str, str]] = []

    def render_item(kind: str, thing: Any, context: Any) -> Any:
        asked.append((kind, type(thing).__name__))
        if kind == "column" and thing.name == "placed":
            return None
        if kind == "server_default":
            raise AssertionError("the column that has one is left out")
        if kind == "unique":
            context.imports.add("import textwrap  # noqa: F401")
            return 'sa.UniqueConstraint("number", name="mine")'
        return False

    place = make_place(shop, render_item=render_item)
    place.fine("migrate", "-m", "items")
    assert {("type", "Integer"), ("column", "Column"), ("primary_key", "PrimaryKeyConstraint")} <= set(asked)
    assert {("foreign_key", "ForeignKeyConstraint"), ("check", "CheckConstraint")} <= set(asked)
    text = source(place)
    assert 'sa.UniqueConstraint("number", name="mine")' in text
    assert "import textwrap  # noqa: F401" in text
    assert 'sa.Column("placed"' not in text


def test_render_item_gets_defaults_as_sqlalchemy_has_them() -> None:
    asked: list[Any] = []

    def render_item(kind: str, thing: Any, context: Any) -> Any:
        if kind == "server_default":
            asked.append(type(thing).__name__)
            assert context.opts["alembic_module_prefix"] == "op."
        return False

    columns = [
        sa.Column("a", sa.Integer, server_default="1"),
        sa.Column("b", sa.Integer, sa.Computed("a + 1")),
        sa.Column("c", sa.Integer, sa.Identity()),
    ]
    render_python_code(ops.UpgradeOps([ops.CreateTableOp("t", columns)]), render_item=render_item)
    assert sorted(asked) == ["Computed", "DefaultClause", "Identity"]


def test_imports_in_blocks(folder: Path, shop_types: Any) -> None:
    statements = [
        "import shop_types",
        "import sqlalchemy as sa\nfrom flask_schema import op",
        "import decimal",
        "import decimal",
    ]
    assert sorted_imports(statements) == [
        ["import decimal"],
        ["import sqlalchemy as sa", "from flask_schema import op"],
        ["import shop_types"],
    ]
