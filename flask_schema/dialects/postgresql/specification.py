"""Columns, indexes and EXCLUDE constraints as SQL text, and SQLAlchemy constructs that carry such text.

The text has the form that SQLAlchemy's own compiler gives it; what SQLAlchemy has no words for is written too
(an operator class on a descending key, a SERIAL outside of a primary key).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.base import PGDDLCompiler
from sqlalchemy.sql.elements import quoted_name

from flask_schema.dialects.constructs import Constructs
from flask_schema.dialects.postgresql.data_types import collation_sql
from flask_schema.dialects.postgresql.defaults import default_clause
from flask_schema.dialects.postgresql.expressions import is_call
from flask_schema.snapshot.elements import (
    Column,
    Computed,
    Constraint,
    ExcludeConstraint,
    Identity,
    Index,
    IndexElement,
    Options,
    QualifiedName,
    Sequence,
    Table,
)

_SPECIFICATION = "flask_schema_specification"
_STORAGE = "flask_schema_storage"
_SERIALS = {"BIGINT": "BIGSERIAL", "SMALLINT": "SMALLSERIAL"}


class Specifications:
    """Writes the parts of statements. ``computed_words`` stand before and after a computed column's expression."""

    computed_words: ClassVar[tuple[str, str]] = ("GENERATED ALWAYS AS ", "")

    def __init__(self, preparer: Any) -> None:
        self.preparer = preparer

    def name(self, name: str) -> str:
        """A quoted identifier, where it needs quotes."""
        return str(self.preparer.quote(name))

    def qualified(self, name: QualifiedName) -> str:
        """A name with its schema."""
        bare = self.name(name.name)
        return f"{self.preparer.quote_schema(name.schema)}.{bare}" if name.schema else bare

    # -- columns ------------------------------------------------------------------------------

    def column(self, column: Column) -> str:
        """What stands behind a column's name in CREATE TABLE and ADD COLUMN."""
        parts = [self.typed(column)]
        if column.default is not None and not column.autoincrement:
            parts.append(f"DEFAULT {default_clause(column.default)}")
        if column.computed is not None:
            parts.append(self.computed(column.computed))
        if column.identity is not None:
            parts.append(f"GENERATED {self.identity_kind(column.identity)} AS IDENTITY")
            parts += [f"({words})"] if (words := numbering(column.identity)) else []
            if column.nullable:
                parts.append("NULL")
        elif not column.nullable:
            parts.append("NOT NULL")
        return " ".join(parts)

    def typed(self, column: Column) -> str:
        """The type, or SERIAL."""
        return _SERIALS.get(column.type.sql, "SERIAL") if column.autoincrement else column.type.sql

    def computed(self, computed: Computed) -> str:
        """``GENERATED ALWAYS AS (...) STORED``."""
        before, _ = self.computed_words
        kind = "VIRTUAL" if computed.stored is False else "STORED"
        return f"{before}({computed.expression}) {kind}"

    def identity_kind(self, identity: Identity) -> str:
        """``ALWAYS`` or ``BY DEFAULT``."""
        return "ALWAYS" if identity.always else "BY DEFAULT"

    # -- indexes and EXCLUDE ------------------------------------------------------------------

    def create_index(self, table: QualifiedName, index: Index, guards: str = "") -> str:
        """CREATE INDEX; ``guards`` are words like ``CONCURRENTLY IF NOT EXISTS``, each with a space behind it."""
        unique = "UNIQUE " if index.unique else ""
        name = f"{self.name(index.name)} " if index.name is not None else ""
        return f"CREATE {unique}INDEX {guards}{name}ON {self.qualified(table)} {self.index_body(index)}"

    def index_body(self, index: Index) -> str:
        """What stands behind the table's name."""
        options = dict(index.options)
        using = f"USING {index.method} " if index.method is not None else ""
        parts = [f"{using}({', '.join(self.index_key(one) for one in index.elements)})"]
        if index.include:
            parts.append(self.included(index.include))
        if index.nulls_not_distinct:
            parts.append("NULLS NOT DISTINCT")
        if options.get("with"):
            parts.append(f"WITH ({storage(options['with'])})")
        if options.get("tablespace"):
            parts.append(f"TABLESPACE {self.name(options['tablespace'])}")
        if index.where is not None:
            parts.append(f"WHERE {index.where}")
        return " ".join(parts)

    def included(self, columns: tuple[str, ...]) -> str:
        """``INCLUDE (a, b)``."""
        return f"INCLUDE ({', '.join(self.name(one) for one in columns)})"

    def index_key(self, element: IndexElement) -> str:
        """One key with all that belongs to it."""
        if element.verbatim:
            key = element.expression
        elif element.is_column:
            key = self.name(element.expression)
        else:
            key = element.expression if is_call(element.expression) else f"({element.expression})"
        collation = f" COLLATE {collation_sql(element.collation)}" if element.collation else ""
        opclass = f" {element.opclass}" if element.opclass else ""
        order = " DESC" if element.descending else ""
        nulls = f" NULLS {element.nulls.upper()}" if element.nulls else ""
        return f"{key}{collation}{opclass}{order}{nulls}"

    def exclude(self, exclude: ExcludeConstraint) -> str:
        """``EXCLUDE USING gist (...)`` without its name."""
        keys = ", ".join(f"{expression} WITH {operator}" for expression, operator in exclude.elements)
        where = f" WHERE ({exclude.where})" if exclude.where is not None else ""
        deferrable = {None: "", True: " DEFERRABLE", False: " NOT DEFERRABLE"}[exclude.deferrable]
        initially = f" INITIALLY {exclude.initially}" if exclude.initially else ""
        return f"EXCLUDE USING {exclude.using} ({keys}){where}{deferrable}{initially}"


def numbering(element: Identity | Sequence) -> str:
    """The parameters of a sequence that are not its defaults: ``INCREMENT BY 2 START WITH 10``."""
    words = [
        f"{word} {value}"
        for word, value in (
            ("INCREMENT BY", element.increment),
            ("START WITH", element.start),
            ("MINVALUE", element.minimum),
            ("MAXVALUE", element.maximum),
            ("CACHE", element.cache),
        )
        if value is not None
    ]
    return " ".join([*words, *(["CYCLE"] if element.cycle else [])])


def storage(parameters: Options) -> str:
    """Storage parameters: ``fillfactor = 70``."""
    return ", ".join(f"{key} = {value}" for key, value in parameters)


class WrittenConstraint(sa.Constraint):
    """A table constraint that is SQL text without its name."""

    __visit_name__ = "written_constraint"

    def __init__(self, text: str, name: Any) -> None:
        super().__init__(name=name)
        self.text = text


class PostgresqlDdlCompiler(PGDDLCompiler):
    """SQLAlchemy's compiler, with column specifications and EXCLUDE constraints taken as they were written."""

    def get_column_specification(self, column: sa.Column[Any], **kwargs: Any) -> str:
        """The specification that the column carries; SQLAlchemy's own for any other column."""
        written = column.info.get(_SPECIFICATION)
        if written is None:
            return str(super().get_column_specification(column, **kwargs))  # type: ignore[no-untyped-call]
        return f"{self.preparer.format_column(column)} {written}"

    def post_create_table(self, table: sa.Table) -> str:
        """What stands behind the columns; storage parameters go before ON COMMIT and TABLESPACE."""
        text = str(super().post_create_table(table))  # type: ignore[no-untyped-call]
        if not table.info.get(_STORAGE):
            return text
        found = re.search(r"\n (?:ON COMMIT|TABLESPACE) ", text)
        place = found.start() if found is not None else len(text)
        return f"{text[:place]}\n WITH ({storage(table.info[_STORAGE])}){text[place:]}"

    def visit_written_constraint(self, constraint: WrittenConstraint, **_: Any) -> str:
        """``CONSTRAINT name`` and the text."""
        text = constraint.text
        if constraint.name is not None:
            text = f"CONSTRAINT {self.preparer.format_constraint(constraint)} {text}"
        return text


class PostgresqlConstructs(Constructs):
    """Constructs whose columns carry their specification as text."""

    has_nulls_not_distinct: ClassVar[bool] = True

    def __init__(self, prefix: str, specifications: Specifications) -> None:
        super().__init__(prefix)
        self.specifications = specifications

    def column(self, column: Column, *, primary_key: bool = False) -> sa.Column[Any]:
        """A column with a type of no meaning: its specification says all."""
        return sa.Column(
            quoted_name(column.name, None),
            sa.types.NULLTYPE,
            nullable=column.nullable,
            autoincrement=False,
            primary_key=primary_key,
            comment=column.comment,
            info={_SPECIFICATION: self.specifications.column(column)},
        )

    def table(self, table: Table, *, foreign_keys: bool = True) -> sa.Table:
        """A table; its storage parameters are carried beside it, since SQLAlchemy has no word for them."""
        rest = tuple(pair for pair in table.options if pair[0] != "with")
        construct = super().table(replace(table, options=rest), foreign_keys=foreign_keys)
        construct.info[_STORAGE] = dict(table.options).get("with")
        return construct

    def attached(self, table: QualifiedName, constraint: Constraint) -> sa.Constraint:
        """A constraint on a table with the columns it needs, those of INCLUDE too."""
        included = dict(constraint.options).get("include", ())
        construct = self.constraint(constraint)
        self.name_only(table, (*getattr(constraint, "columns", ()), *included)).append_constraint(construct)
        return construct

    def constraint(self, constraint: Constraint) -> sa.Constraint:
        """A constraint; an EXCLUDE carries its text."""
        if isinstance(constraint, ExcludeConstraint):
            name = sa.sql.elements.conv(constraint.name) if constraint.name is not None else None
            return WrittenConstraint(self.specifications.exclude(constraint), name)
        return super().constraint(constraint)
