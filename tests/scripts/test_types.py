from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from flask_schema.scripts.layout import flat
from flask_schema.scripts.page import Page, Rendering
from flask_schema.scripts.types import python_type_code, type_code
from flask_schema.snapshot.elements import DataType
from tests.laws.strategies import TRANSLATION


class Money(TypeDecorator[Any]):
    impl = sa.Numeric
    cache_ok = True


class Sized(TypeDecorator[Any]):
    impl = sa.String
    cache_ok = True

    def __init__(self, size: int, *, loud: bool = False) -> None:
        self.size, self.loud = size, loud
        super().__init__(size)


class Secretive(TypeDecorator[Any]):
    impl = sa.LargeBinary
    cache_ok = True

    def __init__(self, key: Callable[[], str]) -> None:
        self._key = key
        super().__init__()


class Point(UserDefinedType[Any]):
    cache_ok = True

    def __init__(self, srid: int = 4326) -> None:
        self.srid = srid

    def get_col_spec(self, **_: Any) -> str:
        return f"POINT({self.srid})"


class Outspoken(sa.String):
    def __repr__(self) -> str:
        return f"Outspoken({self.length})"


class Color(enum.Enum):
    RED = 1
    BLUE = 2


def page(**settings: Any) -> Page:
    return Page(Rendering(python_type=lambda sql: sa.VARCHAR(7), **settings))


SA = "import sqlalchemy as sa"
PG = "from sqlalchemy.dialects import postgresql"
HERE = f"import {__name__}"
CASES: list[tuple[TypeEngine[Any], str, set[str]]] = [
    (sa.Integer(), "sa.Integer()", {SA}),
    (sa.String(), "sa.String()", {SA}),
    (sa.String(50, collation="C"), 'sa.String(length=50, collation="C")', {SA}),
    (sa.Numeric(10, 2, asdecimal=False), "sa.Numeric(precision=10, scale=2)", {SA}),
    (sa.DateTime(timezone=True), "sa.DateTime(timezone=True)", {SA}),
    (sa.Boolean(create_constraint=True, name="b"), "sa.Boolean()", {SA}),
    (sa.Uuid(as_uuid=False, native_uuid=False), "sa.Uuid(native_uuid=False)", {SA}),
    (sa.VARCHAR(3), "sa.VARCHAR(length=3)", {SA}),
    (sa.PickleType(), "sa.PickleType()", {SA}),
    (sa.Interval(second_precision=3), "sa.Interval(second_precision=3)", {SA}),
    (sa.Enum("a", "b", name="ab"), 'sa.Enum("a", "b", name="ab")', {SA}),
    (sa.Enum(Color, create_constraint=True), 'sa.Enum("RED", "BLUE", name="color")', {SA}),
    (sa.Enum("a", native_enum=False, length=9), 'sa.Enum("a", native_enum=False, length=9)', {SA}),
    (sa.Enum("a", name="n", schema="s"), 'sa.Enum("a", name="n", schema="s")', {SA}),
    (sa.ARRAY(sa.String(3), dimensions=2), "sa.ARRAY(sa.String(length=3), dimensions=2)", {SA}),
    (postgresql.ARRAY(sa.Integer()), "postgresql.ARRAY(sa.Integer())", {SA, PG}),
    (postgresql.JSONB(), "postgresql.JSONB()", {PG}),
    (postgresql.TIMESTAMP(timezone=True, precision=3), "postgresql.TIMESTAMP(timezone=True, precision=3)", {PG}),
    (postgresql.INTERVAL(fields="DAY"), 'postgresql.INTERVAL(fields="DAY")', {PG}),
    (
        postgresql.DOMAIN("zip", sa.String(5), check=sa.text("VALUE <> ''"), not_null=True),
        'postgresql.DOMAIN("zip", sa.String(length=5), not_null=True, check=sa.text("VALUE <> \'\'"))',
        {SA, PG},
    ),
    (
        mysql.INTEGER(unsigned=True, display_width=3),
        "mysql.INTEGER(display_width=3, unsigned=True)",
        {"from sqlalchemy.dialects import mysql"},
    ),
    (mysql.SET("a", "b"), 'mysql.SET("a", "b")', {"from sqlalchemy.dialects import mysql"}),
    (
        sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
        'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")',
        {SA, PG},
    ),
    (Money(10, 2), f"{__name__}.Money(precision=10, scale=2)", {HERE}),
    (Sized(7, loud=True), f"{__name__}.Sized(7, loud=True)", {HERE}),
    (Point(), f"{__name__}.Point()", {HERE}),
    (Point(1), f"{__name__}.Point(srid=1)", {HERE}),
    (Outspoken(3), f"{__name__}.Outspoken(3)", {HERE}),
    (postgresql.ARRAY(Money()), f"postgresql.ARRAY({__name__}.Money())", {PG, HERE}),
]


@pytest.mark.parametrize(("python", "expected", "imports"), CASES, ids=[case[1] for case in CASES])
def test_types(python: TypeEngine[Any], expected: str, imports: set[str]) -> None:
    where = page()
    assert flat(python_type_code(python, where)) == expected
    assert where.imports.statements == imports
    assert where.notes == []


@pytest.mark.parametrize("python", [case[0] for case in CASES], ids=[case[1] for case in CASES])
def test_what_is_written_makes_the_same_type(python: TypeEngine[Any]) -> None:
    where = page()
    code = flat(python_type_code(python, where))
    names: dict[str, Any] = {}
    exec("\n".join(where.imports.statements), names)
    again = eval(code, names)
    for dialect in (postgresql.dialect(), mysql.dialect()):  # type: ignore[no-untyped-call]
        try:
            expected = python.compile(dialect)
        except (sa.exc.CompileError, AttributeError):
            continue
        assert again.compile(dialect) == expected


def test_a_prefix_of_the_users_stands_before_types_that_are_not_sqlalchemys() -> None:
    where = page(user_module_prefix="types.")
    assert flat(python_type_code(Money(), where)) == "types.Money()"
    assert where.imports.statements == set()


def test_a_type_that_cannot_be_written_gives_way_to_what_it_stands_for() -> None:
    where = page()
    assert flat(python_type_code(Secretive(lambda: "k"), where)) == "sa.LargeBinary()"
    assert len(where.notes) == 1


def test_a_class_that_no_file_can_import() -> None:
    class Local(TypeDecorator[Any]):
        impl = sa.String
        cache_ok = True

    class LocalOwn(UserDefinedType[Any]):
        cache_ok = True

    assert flat(python_type_code(Local(9), page())) == "sa.String(length=9)"
    assert flat(python_type_code(LocalOwn(), page(), "VARCHAR(7)")) == "sa.VARCHAR(length=7)"


def test_generic_relatives_only_where_the_database_writes_both_alike() -> None:
    def code(read: TypeEngine[Any]) -> str:
        rendering = Rendering(lambda sql: read, lambda python: TRANSLATION.data_type(python).sql)
        return flat(type_code(DataType(TRANSLATION.data_type(read).sql), Page(rendering)))

    assert code(sa.VARCHAR(50)) == "sa.String(length=50)"
    assert code(sa.INTEGER()) == "sa.Integer()"
    assert code(postgresql.UUID()) == "sa.Uuid()"
    assert code(sa.CHAR(5)) == "sa.CHAR(length=5)"
    assert code(postgresql.JSONB()) == "postgresql.JSONB()"
    assert code(postgresql.TIMESTAMP(timezone=True)) == "sa.DateTime(timezone=True)"


def test_a_class_among_the_arguments_is_imported() -> None:
    from decimal import Decimal

    from flask_schema.scripts.imports import Imports
    from flask_schema.scripts.values import NotRenderable, literal

    imports = Imports()
    assert literal([Decimal, int], imports) == literal([Decimal, int], Imports())
    assert imports.statements == {"import decimal"}

    class Local:
        pass

    with pytest.raises(NotRenderable):
        literal(Local, imports)
