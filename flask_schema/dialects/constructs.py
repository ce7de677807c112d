"""Snapshot elements as SQLAlchemy constructs, so that SQLAlchemy's compilers write the SQL.

Column types are put in as finished text: a type's own events (an Enum adding its CHECK, say)
have done their work when the element was made and must not do it again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.schema import Identity as SaIdentity
from sqlalchemy.sql.elements import quoted_name
from sqlalchemy.types import TypeEngine

from flask_schema.errors import OperationRefused
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    Constraint,
    DataType,
    ForeignKey,
    Index,
    IndexElement,
    Options,
    PrimaryKey,
    QualifiedName,
    Table,
    UniqueConstraint,
)
from flask_schema.snapshot.type_text import TypeText


def type_construct(data_type: DataType) -> TypeEngine[Any]:
    """Integers keep their SQLAlchemy type, which SERIAL and AUTO_INCREMENT are decided by; others become text."""
    python = data_type.python
    if isinstance(python, sa.types.TypeDecorator):
        python = python.impl_instance
    if python is not None and type(python).__module__.startswith("sqlalchemy.") and python._type_affinity is sa.Integer:
        return python
    return TypeText(data_type.sql)


class Constructs:
    """Makes SQLAlchemy constructs of elements; options get back the prefix ``prefix_``."""

    has_nulls_not_distinct: ClassVar[bool] = False

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def options(self, options: Options) -> dict[str, Any]:
        """Options as keyword arguments of SQLAlchemy's constructs."""
        return {f"{self.prefix}_{key}": _thawed(value) for key, value in options}

    def check_nulls(self, element: str) -> None:
        """Raise OperationRefused where there is no NULLS NOT DISTINCT."""
        if not self.has_nulls_not_distinct:
            raise OperationRefused(
                f"cannot write {element}: {self.prefix} has no NULLS NOT DISTINCT", hint="leave nulls_not_distinct out"
            )

    def column(self, column: Column, *, primary_key: bool = False) -> sa.Column[Any]:
        """A ``sa.Column`` that is attached to no table."""
        items: list[Any] = []
        if column.computed is not None:
            items.append(sa.Computed(column.computed.expression, persisted=column.computed.stored))
        if column.identity is not None:
            identity = column.identity
            items.append(
                SaIdentity(
                    always=identity.always,
                    start=identity.start,
                    increment=identity.increment,
                    minvalue=identity.minimum,
                    maxvalue=identity.maximum,
                    cycle=identity.cycle or None,
                    cache=identity.cache,
                )
            )
        return sa.Column(
            quoted_name(column.name, None),
            type_construct(column.type),
            *items,
            nullable=column.nullable,
            server_default=_verbatim(column.default) if column.default is not None else None,
            autoincrement=True if column.autoincrement else (False if column.identity is None else "auto"),
            primary_key=primary_key,
            comment=column.comment,
            **self.options(column.options),
        )

    def table(self, table: Table, *, foreign_keys: bool = True) -> sa.Table:
        """A ``sa.Table`` on a MetaData of its own, with constraints but without indexes."""
        key = table.primary_key.columns if table.primary_key is not None else ()
        construct = sa.Table(
            quoted_name(table.name.name, None),
            sa.MetaData(),
            *(self.column(column, primary_key=column.name in key) for column in table.columns),
            schema=table.name.schema,
            comment=table.comment,
            prefixes=list(table.prefixes),
            **self.options(table.options),
        )
        if table.primary_key is not None:
            construct.append_constraint(self.constraint(table.primary_key))
        for constraint in table.constraints:
            if isinstance(constraint, PrimaryKey) or (isinstance(constraint, ForeignKey) and not foreign_keys):
                continue
            construct.append_constraint(self.constraint(constraint))
        return construct

    def name_only(self, name: QualifiedName, columns: Iterable[str] = ()) -> sa.Table:
        """A ``sa.Table`` that has nothing but its name and columns of no type."""
        return sa.Table(
            quoted_name(name.name, None),
            sa.MetaData(),
            *(sa.Column(quoted_name(column, None), sa.types.NULLTYPE) for column in dict.fromkeys(columns)),
            schema=name.schema,
        )

    def attached(self, table: QualifiedName, constraint: Constraint) -> sa.Constraint:
        """A constraint on a table that has just the columns it needs, for ALTER TABLE ... ADD."""
        columns = getattr(constraint, "columns", ())
        construct = self.constraint(constraint)
        self.name_only(table, columns).append_constraint(construct)
        return construct

    def constraint(self, constraint: Constraint) -> sa.Constraint:
        """A constraint that is attached to no table yet. EXCLUDE has no generic construct: TypeError."""
        name = sa.sql.elements.conv(constraint.name) if constraint.name is not None else None
        options = self.options(constraint.options)
        if isinstance(constraint, CheckConstraint):
            return sa.CheckConstraint(_verbatim(constraint.expression), name=name, **options)
        deferral: dict[str, Any] = {"deferrable": constraint.deferrable, "initially": constraint.initially}
        if isinstance(constraint, PrimaryKey):
            return sa.PrimaryKeyConstraint(*constraint.columns, name=name, **deferral, **options)
        if isinstance(constraint, UniqueConstraint):
            if constraint.nulls_not_distinct:
                self.check_nulls(f"unique constraint {constraint.name or '(unnamed)'}")
                options[f"{self.prefix}_nulls_not_distinct"] = True
            return sa.UniqueConstraint(*constraint.columns, name=name, **deferral, **options)
        if isinstance(constraint, ForeignKey):
            return self._foreign_key(constraint, name, deferral, options)
        raise TypeError(f"no generic construct for {type(constraint).__name__}")

    def _foreign_key(
        self, key: ForeignKey, name: Any, deferral: dict[str, Any], options: dict[str, Any]
    ) -> sa.ForeignKeyConstraint:
        target = self.name_only(key.referred_table, key.referred_columns or key.columns)
        return sa.ForeignKeyConstraint(
            list(key.columns),
            [target.c[column] for column in key.referred_columns or key.columns],
            name=name,
            onupdate=key.onupdate,
            ondelete=key.ondelete,
            match=key.match,
            **deferral,
            **options,
        )

    def index(self, table: QualifiedName, index: Index) -> sa.Index:
        """A ``sa.Index`` on a table that has just the columns it names."""
        owner = self.name_only(table, (*index.columns, *index.include))
        options = self.options(index.options)
        if index.where is not None:
            options[f"{self.prefix}_where"] = _verbatim(index.where)
        if index.method is not None:
            options[f"{self.prefix}_using"] = index.method
        if index.include:
            options[f"{self.prefix}_include"] = list(index.include)
        if index.nulls_not_distinct:
            self.check_nulls(f"index {index.name}")
            options[f"{self.prefix}_nulls_not_distinct"] = True
        lengths = {one.expression: one.length for one in index.elements if one.length is not None}
        if lengths:
            options[f"{self.prefix}_length"] = lengths
        ops = {_label(one, place): one.opclass for place, one in enumerate(index.elements) if one.opclass}
        if ops:
            options[f"{self.prefix}_ops"] = ops
        keys = [self._index_key(owner, one, place) for place, one in enumerate(index.elements)]
        construct = sa.Index(
            sa.sql.elements.conv(index.name) if index.name is not None else None, *keys, unique=index.unique, **options
        )
        if construct.table is None:
            construct._set_parent(owner)
        return construct

    def _index_key(self, owner: sa.Table, element: IndexElement, place: int) -> Any:
        key: Any = owner.c[element.expression] if element.is_column else _verbatim(f"({element.expression})")
        if element.verbatim:
            key = _verbatim(element.expression)
        elif element.opclass and not element.is_column:
            key = _verbatim(f"({element.expression})").label(_label(element, place))
        if element.collation:
            key = sa.collate(key, element.collation) if element.is_column else key
        if element.descending:
            key = sa.desc(key)
        if element.nulls == "first":
            key = sa.nulls_first(key)
        elif element.nulls == "last":
            key = sa.nulls_last(key)
        return key


def _label(element: IndexElement, place: int) -> str:
    return element.expression if element.is_column else f"key_{place}"


def _verbatim(text: str) -> Any:
    """SQL text as it stands; ``sa.text`` would take ``:name`` in it for a parameter."""
    return sa.literal_column(text)


def _thawed(value: Any) -> Any:
    """A frozen option as SQLAlchemy takes it: pairs of strings become a dictionary, other tuples lists."""
    if isinstance(value, tuple):
        if value and all(isinstance(one, tuple) and len(one) == 2 and isinstance(one[0], str) for one in value):
            return dict(value)
        return [_thawed(one) for one in value]
    return value
