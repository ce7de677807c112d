"""Asks the server what the models' texts mean: it builds them in a scratch schema and shows them in its own words.

All of it happens behind a savepoint that is rolled back. What cannot be built is found by halving and noted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable

from flask_schema.dialects.dialect import Scope
from flask_schema.dialects.postgresql.catalog import CONTEXT, set_search_path
from flask_schema.dialects.postgresql.compiler import PostgresqlCompiler
from flask_schema.dialects.postgresql.data_types import quoted, type_name
from flask_schema.dialects.postgresql.questions import Question
from flask_schema.dialects.postgresql.reader import Reader
from flask_schema.operations.sequences import CreateSequence
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    DataType,
    ExcludeConstraint,
    Index,
    QualifiedName,
    Table,
)
from flask_schema.snapshot.identifiers import mentions
from flask_schema.snapshot.snapshot import Snapshot

_PREFIX = "flask_schema_scratch_"
_OUTER, _INNER = "flask_schema_outer", "flask_schema_inner"

Answer = Column | CheckConstraint | Index | ExcludeConstraint


@dataclass(slots=True)
class Judge:
    """Answers questions about two snapshots on one connection. ``notes`` says what could not be answered."""

    connection: sa.Connection
    compiler: PostgresqlCompiler
    reader_class: type[Reader]
    before: Snapshot
    after: Snapshot
    notes: list[str] = field(default_factory=list)
    schema: str = field(default_factory=lambda: f"{_PREFIX}{uuid4().hex[:8]}")
    default_schema: str | None = None
    search_path: str = ""

    def answers(self, asked: Sequence[Question]) -> dict[Question, Answer]:
        """What the server makes of each element; those that it refuses are left out. Leaves nothing behind."""
        found: dict[Question, Answer] = {}
        if not asked:
            return found
        with self._rolled_back():
            try:
                self._open()
            except DBAPIError as error:
                self._check_alive(error)
                self.notes.append(
                    f"no scratch schema could be made ({_reason(error)}): defaults, checks, computed columns, "
                    "expressions and types were compared by their text only"
                )
                return found
            for schema in dict.fromkeys(one.table.name.schema for one in asked):
                found.update(self._build([one for one in asked if one.table.name.schema == schema]))
        return found

    # -- transactions -------------------------------------------------------------------------

    @contextmanager
    def _rolled_back(self) -> Iterator[None]:
        """A savepoint, or a transaction where none is open; the connection is left as it was found."""
        began = not self.connection.in_transaction()
        driver = self.connection.connection.dbapi_connection
        alone = getattr(driver, "autocommit", False) is True
        self._run("BEGIN" if alone else f"SAVEPOINT {_OUTER}")
        try:
            yield
        finally:
            if not self.connection.invalidated:
                if alone:
                    self._run("ROLLBACK")
                else:
                    self._run(f"ROLLBACK TO SAVEPOINT {_OUTER}")
                    self._run(f"RELEASE SAVEPOINT {_OUTER}")
                if began:
                    self.connection.rollback()

    def _open(self) -> None:
        self.default_schema, _, self.search_path = self.connection.exec_driver_sql(CONTEXT).one()
        self._run(f"CREATE SCHEMA {self.schema}")

    def _run(self, sql: str) -> None:
        self.connection.exec_driver_sql(sql, execution_options={"no_parameters": True})

    def _check_alive(self, error: DBAPIError) -> None:
        if error.connection_invalidated or self.connection.invalidated:
            raise error

    # -- building -----------------------------------------------------------------------------

    def _build(self, asked: Sequence[Question]) -> dict[Question, Answer]:
        """Build and read all at once; where the server refuses, each half by itself."""
        self._run(f"SAVEPOINT {_INNER}")
        try:
            built = self._built(asked)
            self._run(f"ROLLBACK TO SAVEPOINT {_INNER}")
            return built
        except DBAPIError as error:
            self._check_alive(error)
            self._run(f"ROLLBACK TO SAVEPOINT {_INNER}")
            if len(asked) == 1:
                self.notes.append(
                    f"{asked[0].describe()} was compared by its text only: the database refuses it ({_reason(error)})"
                )
                return {}
        middle = len(asked) // 2
        return {**self._build(asked[:middle]), **self._build(asked[middle:])}

    def _built(self, asked: Sequence[Question]) -> dict[Question, Answer]:
        path = self.search_path if self.search_path.strip() not in ("", '""') else "pg_catalog"
        self._run(set_search_path(f"{self.schema}, {path}"))
        self._create_missing()
        tables = {one.table.name: one.table for one in asked}
        for name, table in tables.items():
            mine = [one for one in asked if one.table.name == name]
            scratch = self._scratch_table(table, mine)
            self._run(self.compiler.ddl(CreateTable(self.compiler.constructs.table(replace(scratch, indexes=())))))
            for index in scratch.indexes:
                self._run(self.compiler.specifications.create_index(scratch.name, index))
        default = f", {quoted(self.default_schema)}" if self.default_schema is not None else ""
        self._run(set_search_path(f"{self.schema}{default}"))
        reader = _ScratchReader(self.reader_class, self.connection, self.schema, self.default_schema)
        read = reader.read()
        return {one: _answer(one, read[one.table.name.name]) for one in asked}

    def _create_missing(self) -> None:
        """The enum types and sequences of the models that the database has not, or has with other values."""
        for name, enum in self.after.enums.items():
            if self._is_new(name):
                self._run(self.compiler.create_type(QualifiedName(name.name), enum.values))
        for name, sequence in self.after.sequences.items():
            if name not in self.before.sequences and name.schema is None:
                for statement in self.compiler.create_sequence(CreateSequence(replace(sequence, owned_by=None))):
                    self._run(str(statement))

    def _is_new(self, enum: QualifiedName) -> bool:
        old = self.before.enums.get(enum)
        wanted = self.after.enums.get(enum)
        return wanted is not None and (old is None or old.values != wanted.values)

    def _scratch_table(self, table: Table, asked: Sequence[Question]) -> Table:
        """The table with nothing but what is asked about, and the columns that this may mention."""
        places = {facet: [one.place for one in asked if one.facet == facet] for facet in _FACETS}
        checks = [replace(table.checks[place], name=f"c{place}", options=()) for place in places["check"]]
        excludes = [replace(table.excludes[place], name=f"x{place}") for place in places["exclude"]]
        indexes = [_named(table.indexes[place], f"i{place}") for place in places["index"]]
        texts = [one.expression for one in checks]
        texts += [table.columns[place].computed.expression for place in places["computed"]]  # type: ignore[union-attr]
        texts += [text for one in excludes for text in (one.where or "", *(key for key, _ in one.elements))]
        texts += [text for one in indexes for text in (one.where or "", *(key.expression for key in one.elements))]
        needed = {name for one in indexes for name in (*one.columns, *one.include)}
        old = self.before.tables.get(table.name)
        columns = []
        for place, column in enumerate(table.columns):
            facets = [facet for facet in ("type", "default", "computed") if place in places[facet]]
            known = old is not None and old.column(column.name) is not None
            used = column.name in needed or any(mentions(text, column.name) for text in texts)
            if facets or used or known:
                columns.append(self._scratch_column(column, facets))
        return Table(
            QualifiedName(table.name.name),
            tuple(columns),
            checks=tuple(checks),
            excludes=tuple(excludes),
            indexes=tuple(indexes),
        )

    def _scratch_column(self, column: Column, facets: Sequence[str]) -> Column:
        data_type = column.type
        if data_type.enum is not None and self._is_new(data_type.enum):
            sql = quoted(data_type.enum.name) + ("[]" if type_name(data_type.sql).array else "")
            data_type = DataType(sql)
        return Column(
            column.name,
            data_type,
            default=column.default if "default" in facets else None,
            computed=column.computed if "computed" in facets else None,
        )


_FACETS = ("type", "default", "computed", "check", "index", "exclude")


def _named(index: Index, name: str) -> Index:
    return replace(index, name=name, options=tuple(pair for pair in index.options if pair[0] != "concurrently"))


def _answer(question: Question, read: Table) -> Answer:
    place = question.place
    if question.facet == "check":
        return next(one for one in read.checks if one.name == f"c{place}")
    if question.facet == "index":
        return next(one for one in read.indexes if one.name == f"i{place}")
    if question.facet == "exclude":
        return next(one for one in read.excludes if one.name == f"x{place}")
    column = read.column(question.table.columns[place].name)
    assert column is not None
    return column


def _reason(error: DBAPIError) -> str:
    text = str(error.orig)
    return next((line.strip() for line in text.splitlines() if line.strip()), type(error).__name__)


class _ScratchReader:
    """Reads the scratch schema; its names and those of the default schema carry no schema."""

    def __init__(
        self, reader_class: type[Reader], connection: sa.Connection, schema: str, default_schema: str | None
    ) -> None:
        names = frozenset((schema, default_schema))

        class Scratch(reader_class):  # type: ignore[valid-type, misc]
            """The dialect's reader, for which two schemas are the default one, on the search path as it is."""

            @contextmanager
            def _own_search_path(self) -> Iterator[None]:
                self.default_schema = schema
                yield

            def name(self, owner: str | None, name: str) -> QualifiedName:
                return QualifiedName(name, None if owner in names else owner)

        self.reader: Reader = Scratch(connection, Scope())

    def read(self) -> Mapping[str, Table]:
        """The tables by name."""
        return {name.name: table for name, table in self.reader.read().tables.items()}
