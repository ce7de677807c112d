"""The elements of a schema: frozen values that say what a database holds.

Every text is SQL of *one* dialect, the snapshot's. What a database cannot be asked
about (hints for renames, a Python-side default, the SQLAlchemy type that a column was
made from) is carried along, but takes no part in comparisons.
"""

from __future__ import annotations

from dataclasses import field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from flask_schema.values import dataclass

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

Options = tuple[tuple[str, Any], ...]
"""Keyword options as sorted pairs, e.g. ``(("engine", "InnoDB"),)``: hashable, without the dialect's prefix."""


class QualifiedName(NamedTuple):
    """The name of a table, type, sequence or view; ``schema`` is None for the default schema."""

    name: str
    schema: str | None = None

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True, slots=True)
class DataType:
    """A column type: ``sql`` as the dialect writes it, e.g. ``VARCHAR(50)``, with its collation.

    ``python`` is the SQLAlchemy type it was made from (None when read from a database);
    it serves rendering and compiling, never comparing.
    ``enum`` is the name of the database type when ``sql`` refers to an enum of the snapshot.
    """

    sql: str
    python: TypeEngine[Any] | None = field(default=None, compare=False, repr=False)
    enum: QualifiedName | None = None


@dataclass(frozen=True, slots=True)
class Computed:
    """``GENERATED ALWAYS AS (expression)``; ``stored`` is False for VIRTUAL, None for the database's own choice."""

    expression: str
    stored: bool | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """``GENERATED ... AS IDENTITY``; None means the database's default for that facet."""

    always: bool = False
    start: int | None = None
    increment: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    cycle: bool = False
    cache: int | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column. ``default`` is the SQL after DEFAULT (None: no default).

    ``autoincrement`` says that the database fills it with the next number by a way of its own
    (SERIAL, AUTO_INCREMENT, AUTOINCREMENT). ``options`` are dialect keywords. ``sequence`` is the name of the sequence
    that a SERIAL or identity column takes its numbers from, where the database has told it.
    """

    name: str
    type: DataType
    nullable: bool = True
    default: str | None = None
    computed: Computed | None = None
    identity: Identity | None = None
    autoincrement: bool = False
    comment: str | None = None
    options: Options = ()
    sequence: str | None = field(default=None, compare=False, repr=False)
    renamed_from: str | None = field(default=None, compare=False)
    python_default: object = field(default=None, compare=False, repr=False)

    def called(self, name: str) -> Column:
        """The same column under another name; ``replace`` takes several times as long."""
        return Column(
            name,
            self.type,
            self.nullable,
            self.default,
            self.computed,
            self.identity,
            self.autoincrement,
            self.comment,
            self.options,
            self.sequence,
            self.renamed_from,
            self.python_default,
        )


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """A primary key; ``name`` is None when the model gives none."""

    columns: tuple[str, ...]
    name: str | None = None
    deferrable: bool | None = None
    initially: str | None = None
    options: Options = ()


@dataclass(frozen=True, slots=True)
class UniqueConstraint:
    """A unique constraint; two are the same by their columns when a side has no name."""

    columns: tuple[str, ...]
    name: str | None = None
    deferrable: bool | None = None
    initially: str | None = None
    nulls_not_distinct: bool = False
    options: Options = ()


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key from ``columns`` to ``referred_columns`` of ``referred_table``.

    ``referred_columns`` is empty when it names the target's primary key by leaving it out.
    ``onupdate`` and ``ondelete`` are upper case, None for NO ACTION.
    """

    columns: tuple[str, ...]
    referred_table: QualifiedName
    referred_columns: tuple[str, ...]
    name: str | None = None
    onupdate: str | None = None
    ondelete: str | None = None
    deferrable: bool | None = None
    initially: str | None = None
    match: str | None = None
    options: Options = ()


@dataclass(frozen=True, slots=True)
class CheckConstraint:
    """A CHECK with its ``expression``, without the outer parentheses."""

    expression: str
    name: str | None = None
    options: Options = ()


@dataclass(frozen=True, slots=True)
class ExcludeConstraint:
    """PostgreSQL's EXCLUDE: ``elements`` are pairs of expression and operator."""

    elements: tuple[tuple[str, str], ...]
    name: str | None = None
    using: str = "gist"
    where: str | None = None
    deferrable: bool | None = None
    initially: str | None = None
    options: Options = ()


Constraint = PrimaryKey | UniqueConstraint | ForeignKey | CheckConstraint | ExcludeConstraint


@dataclass(frozen=True, slots=True)
class IndexElement:
    """One key of an index: a column's name (``is_column``) or an expression without outer parentheses."""

    expression: str
    is_column: bool = True
    descending: bool = False
    nulls: str | None = None  # "first" or "last" where it is not the direction's default
    opclass: str | None = None
    collation: str | None = None
    length: int | None = None  # MySQL prefix length, in characters
    verbatim: bool = False  # a script's own text that may carry more than an expression: not put in parentheses


@lru_cache(maxsize=4096)
def column_key(name: str) -> IndexElement:
    """The key of an index that is a column and says no more: most keys of all tables, so each is there once."""
    return IndexElement(name)


@dataclass(frozen=True, slots=True)
class Index:
    """An index. ``options`` hold what only one database knows (``with``, ``tablespace``, ...)."""

    name: str | None
    elements: tuple[IndexElement, ...]
    unique: bool = False
    where: str | None = None
    method: str | None = None
    include: tuple[str, ...] = ()
    nulls_not_distinct: bool = False
    options: Options = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the plain columns among its keys, in order."""
        return tuple(element.expression for element in self.elements if element.is_column)


@dataclass(frozen=True, slots=True)
class Table:
    """A table with all that belongs to it. Columns keep their order, other elements are compared by content.

    ``options`` are dialect keywords of CREATE TABLE (``mysql_engine``, ``sqlite_strict``).
    ``sql`` is the text of its CREATE TABLE where the database keeps it (SQLite), else None.
    """

    name: QualifiedName
    columns: tuple[Column, ...]
    primary_key: PrimaryKey | None = None
    unique_constraints: tuple[UniqueConstraint, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[CheckConstraint, ...] = ()
    excludes: tuple[ExcludeConstraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    comment: str | None = None
    prefixes: tuple[str, ...] = ()
    options: Options = ()
    sql: str | None = field(default=None, compare=False, repr=False)
    renamed_from: str | None = field(default=None, compare=False)

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of all columns in order."""
        return tuple(column.name for column in self.columns)

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        """All constraints: primary key first, then unique, foreign keys, checks, excludes."""
        key: tuple[Constraint, ...] = (self.primary_key,) if self.primary_key is not None else ()
        return key + self.unique_constraints + self.foreign_keys + self.checks + self.excludes

    def with_constraint(self, constraint: Constraint) -> Table:
        """This table with ``constraint`` added (a primary key is put in its place)."""
        if isinstance(constraint, PrimaryKey):
            return replace(self, primary_key=constraint)
        if isinstance(constraint, UniqueConstraint):
            return replace(self, unique_constraints=(*self.unique_constraints, constraint))
        if isinstance(constraint, ForeignKey):
            return replace(self, foreign_keys=(*self.foreign_keys, constraint))
        if isinstance(constraint, CheckConstraint):
            return replace(self, checks=(*self.checks, constraint))
        return replace(self, excludes=(*self.excludes, constraint))

    def without_constraint(self, constraint: Constraint) -> Table:
        """This table without ``constraint``; unchanged when it is not there."""
        return replace(
            self,
            primary_key=None if self.primary_key == constraint else self.primary_key,
            unique_constraints=tuple(one for one in self.unique_constraints if one != constraint),
            foreign_keys=tuple(one for one in self.foreign_keys if one != constraint),
            checks=tuple(one for one in self.checks if one != constraint),
            excludes=tuple(one for one in self.excludes if one != constraint),
        )


@dataclass(frozen=True, slots=True)
class Enum:
    """A named enum type of the database with its values in order.

    ``renamed_values`` are pairs of an old and a new value that the models say to be the same.
    """

    name: QualifiedName
    values: tuple[str, ...]
    comment: str | None = None
    renamed_values: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence of its own (one that belongs to a SERIAL or identity column is not listed)."""

    name: QualifiedName
    start: int | None = None
    increment: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    cycle: bool = False
    cache: int | None = None
    data_type: str | None = None
    owned_by: tuple[QualifiedName, str] | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A view; ``definition`` is the SELECT. ``materialized`` ones may carry indexes.

    ``interface`` are its columns as ``name type``, in order, where the database has told them; None where not.
    """

    name: QualifiedName
    definition: str
    materialized: bool = False
    indexes: tuple[Index, ...] = ()
    options: Options = ()
    interface: tuple[str, ...] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Function:
    """A function or procedure: ``definition`` is the whole ``CREATE FUNCTION`` text.

    ``arguments`` is the list of argument types that tells overloads apart, e.g. ``integer, text``.
    ``interface`` are its parameters and its result where the database has told them; None where not.
    """

    name: QualifiedName
    definition: str
    arguments: str = ""
    procedure: bool = False
    interface: tuple[str, ...] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger on ``table``: ``definition`` is the whole ``CREATE TRIGGER`` text."""

    name: str
    table: QualifiedName
    definition: str
