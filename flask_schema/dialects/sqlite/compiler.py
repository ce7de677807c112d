"""SQLite's statements: what ALTER TABLE can do natively, and the pieces that the rebuild puts together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from flask_schema.dialects.sqlite.canonical import canonical_index, default_text, split_collation
from flask_schema.dialects.sqlite.create_index import in_schema, renamed_index
from flask_schema.dialects.sqlite.objects import SqliteObjects
from flask_schema.dialects.sqlite.table_editor import TableEditor
from flask_schema.dialects.sqlite.tokens import literal, quoted, same_name
from flask_schema.dialects.statement import Statement
from flask_schema.errors import ObjectMissing, OperationRefused
from flask_schema.operations import columns, indexes, renames, tables
from flask_schema.snapshot.elements import (
    Column,
    Constraint,
    DataType,
    ExcludeConstraint,
    ForeignKey,
    Index,
    IndexElement,
    Options,
    QualifiedName,
    Table,
)

_IN_QUOTES: Final = re.compile(r"\s*['\"(]")
_IS_EXPRESSION: Final = re.compile(r".*\W")


class SqliteCompiler(SqliteObjects):
    """Operations as SQLite's own statements. What needs a rebuild does not come here."""

    database = "SQLite"
    inline_comments = True  # there are none, so none are written apart
    keys_name_schemas = False  # a key refers to its own database file

    # -- pieces -------------------------------------------------------------------------------

    def table_definition(self, table: Table, *, if_not_exists: bool = False) -> str:
        """The CREATE TABLE of a table, without its indexes."""
        table = writable_table(table)
        columns = [plain_specification(self.name(one.name), one) for one in table.columns]
        if None not in columns:
            specified = [one for one in columns if one is not None]
            plain = self.plain_tables.definition(table, specified, if_not_exists=if_not_exists)
            if plain is not None:
                return plain
        implicit = tuple(key for key in table.foreign_keys if not key.referred_columns)
        explicit = tuple(key for key in table.foreign_keys if key.referred_columns)
        construct = self.constructs.table(replace(table, foreign_keys=explicit))
        text = self.ddl(CreateTable(construct, if_not_exists=if_not_exists))
        if not implicit:
            return text
        editor = TableEditor(text)  # SQLAlchemy always names the columns that a foreign key refers to
        for key in implicit:
            editor.add_constraint(self.constraint_definition(table.name, key))
        return editor.text

    def column_specification(self, table: QualifiedName, column: Column) -> str:
        column = writable_column(column)
        plain = plain_specification(self.name(column.name), column)
        return plain if plain is not None else super().column_specification(table, column)

    def constraint_definition(self, table: QualifiedName, constraint: Constraint) -> str:
        """A constraint as it stands in CREATE TABLE. Raises OperationRefused for EXCLUDE."""
        if isinstance(constraint, ExcludeConstraint):
            raise OperationRefused(f"SQLite has no EXCLUDE constraints, asked for on {table}")
        if isinstance(constraint, ForeignKey):
            columns = ", ".join(self.name(column) for column in constraint.columns)
            return f"{self._constraint_head(constraint)}FOREIGN KEY ({columns}) {self._references(constraint)}"
        compiler: Any = self.sqlalchemy.ddl_compiler(self.sqlalchemy, None)  # type: ignore[arg-type]
        return str(compiler.process(self.constructs.attached(table, constraint)))

    def column_constraint(self, table: QualifiedName, constraint: Constraint) -> str:
        """A constraint as it is written on its own column."""
        if isinstance(constraint, ForeignKey):
            return f"{self._constraint_head(constraint)}{self._references(constraint)}"
        return self.constraint_definition(table, constraint)

    def conventional_name(self, table: Table, constraint: Constraint, convention: Options) -> str | None:
        """The name that a naming convention of SQLAlchemy gives a constraint; None where it gives none."""
        names: Any = dict(convention)
        owner = sa.Table(table.name.name, sa.MetaData(naming_convention=names))
        for column in table.columns:
            owner.append_column(self.constructs.column(writable_column(column)))
        construct = self.constructs.constraint(replace(constraint, name=None))
        owner.append_constraint(construct)
        return construct.name if isinstance(construct.name, str) else None

    def _constraint_head(self, constraint: Constraint) -> str:
        return f"CONSTRAINT {self.name(constraint.name)} " if constraint.name is not None else ""

    def _references(self, key: ForeignKey) -> str:
        text = f"REFERENCES {self.name(key.referred_table.name)}"
        if key.referred_columns:
            text += f" ({', '.join(self.name(column) for column in key.referred_columns)})"
        text += f" ON DELETE {key.ondelete}" if key.ondelete else ""
        text += f" ON UPDATE {key.onupdate}" if key.onupdate else ""
        text += f" MATCH {key.match}" if key.match else ""
        if key.deferrable is not None:
            text += " DEFERRABLE" if key.deferrable else " NOT DEFERRABLE"
        return text + (f" INITIALLY {key.initially}" if key.initially else "")

    # -- directives ---------------------------------------------------------------------------

    def create_table(self, operation: tables.CreateTable) -> Iterable[str | Statement]:
        yield self.table_definition(operation.table, if_not_exists=operation.if_not_exists)
        for index in operation.table.indexes:
            yield from self.create_index(
                indexes.CreateIndex(operation.table.name, index, if_not_exists=operation.if_not_exists)
            )

    def rename_table(self, operation: tables.RenameTable) -> Iterable[str | Statement]:
        """Foreign keys, triggers and views of others follow, unless ``legacy_alter_table`` is on."""
        legacy = self.legacy_alter_table()
        if legacy:
            yield "PRAGMA legacy_alter_table = OFF"
        if operation.name.name.lower() == operation.new_name.lower():  # to SQLite that name is taken
            between = f"_flask_schema_rename_{operation.new_name}"
            yield self.alter_table(operation.name, f"RENAME TO {self.name(between)}")
            yield self.alter_table(operation.name._replace(name=between), f"RENAME TO {self.name(operation.new_name)}")
        else:
            yield from super().rename_table(operation)
        if legacy:
            yield "PRAGMA legacy_alter_table = ON"

    def legacy_alter_table(self) -> bool:
        """Whether renaming does not reach other tables now; offline, SQLite's default is taken."""
        if self.surroundings.offline:
            return False
        rows = self.surroundings.query("PRAGMA legacy_alter_table")
        return bool(rows and rows[0][0])

    def create_table_comment(self, operation: tables.CreateTableComment) -> Iterable[str | Statement]:
        """Nothing: SQLite has no comments."""
        return ()

    def drop_table_comment(self, operation: tables.DropTableComment) -> Iterable[str | Statement]:
        """Nothing: SQLite has no comments."""
        return ()

    def add_column(self, operation: columns.AddColumn) -> Iterable[str | Statement]:
        specification = self.column_specification(operation.table, operation.column)
        for constraint in operation.constraints:
            specification += f" {self.column_constraint(operation.table, constraint)}"
        yield self.alter_table(operation.table, f"ADD COLUMN {specification}")
        for index in operation.indexes:
            yield from self.create_index(indexes.CreateIndex(operation.table, index))

    def rename_column(self, table: QualifiedName, name: str, new_name: str) -> str:
        """The statement that renames a column everywhere it is mentioned."""
        return self.alter_table(table, f"RENAME COLUMN {self.name(name)} TO {self.name(new_name)}")

    def create_index(self, operation: indexes.CreateIndex) -> Iterable[str | Statement]:
        index = canonical_index(operation.index)
        if operation.index.nulls_not_distinct:
            self.constructs.check_nulls(f"index {index.name}")
        if index.name is None:
            raise OperationRefused(f"an index on {operation.table} needs a name")
        unique = "UNIQUE " if index.unique else ""
        guard = "IF NOT EXISTS " if operation.if_not_exists else ""
        name = self.table_name(QualifiedName(index.name, operation.table.schema))
        keys = ", ".join(self._index_key(element) for element in index.elements)
        where = f" WHERE {index.where}" if index.where is not None else ""
        yield f"CREATE {unique}INDEX {guard}{name} ON {self.name(operation.table.name)} ({keys}){where}"

    def rename_index(self, operation: renames.RenameIndex) -> Iterable[str | Statement]:
        """There is no ALTER INDEX: dropped, and created under its new name by its own text."""
        schema = operation.table.schema if operation.table is not None else operation.schema
        if self.surroundings.offline:
            table, index = self._known_index(operation)
            made = [*self.create_index(indexes.CreateIndex(table, replace(index, name=operation.new_name)))]
        else:
            made = [in_schema(renamed_index(self._index_text(operation, schema), operation.new_name), schema)]
        yield f"DROP INDEX {self.table_name(QualifiedName(operation.name, schema))}"
        yield from made

    def _index_text(self, operation: renames.RenameIndex, schema: str | None) -> str:
        rows = self.surroundings.query(
            f"SELECT sql FROM {quoted(schema or 'main')}.sqlite_master "
            f"WHERE type = 'index' AND lower(name) = lower({literal(operation.name)})"
        )
        if not rows:
            raise ObjectMissing(f"there is no index {operation.name}")
        if rows[0][0] is None:
            raise OperationRefused(
                f"cannot {operation.describe()}: it belongs to a constraint, which SQLite names it by",
                hint="name the constraint by op.rename_constraint",
            )
        return str(rows[0][0])

    def _known_index(self, operation: renames.RenameIndex) -> tuple[QualifiedName, Index]:
        table = self.surroundings.table(operation.table) if operation.table is not None else None
        tables = [table] if table is not None else self.surroundings.tables()
        for one in tables:
            for index in one.indexes:
                if index.name is not None and same_name(index.name, operation.name):
                    return one.name, index
        raise ObjectMissing(f"there is no index {operation.name}")

    def _index_key(self, element: IndexElement) -> str:
        key = self.name(element.expression) if element.is_column else element.expression
        collation = f" COLLATE {quoted(element.collation)}" if element.collation is not None else ""
        return f"{key}{collation}{' DESC' if element.descending else ''}"


def writable_table(table: Table) -> Table:
    """A table that SQLAlchemy's compiler writes as SQLite needs it."""
    key = table.primary_key
    numbered = key.columns if key is not None and dict(table.options).get("autoincrement") else ()
    return replace(
        table,
        columns=tuple(_numbered(writable_column(column), column.name in numbered) for column in table.columns),
        foreign_keys=tuple(
            replace(one, referred_table=QualifiedName(one.referred_table.name, table.name.schema), options=())
            for one in table.foreign_keys
        ),
        comment=None,
    )


def _numbered(column: Column, is_numbered: bool) -> Column:
    return column if column.autoincrement == is_numbered else replace(column, autoincrement=is_numbered)


def writable_column(column: Column) -> Column:
    """A column whose default stands in parentheses where it must, and whose INTEGER SQLAlchemy knows as such."""
    data_type = column.type
    if data_type.python is None and data_type.sql.upper() == "INTEGER":
        data_type = DataType(data_type.sql, sa.Integer())
    default: Any = default_text(column.default) if column.default is not None else None
    if data_type is column.type and default == column.default and column.comment is None and column.identity is None:
        return column  # as nearly all are, and a copy costs more than the rest
    return replace(column, type=data_type, default=default, comment=None, identity=None)


def plain_specification(name: str, column: Column) -> str | None:
    """A writable column in the words of SQLAlchemy's compiler; None for one with options or a computed one."""
    if column.options or column.computed is not None:
        return None
    default = ""
    if column.default is not None:
        bare = _IN_QUOTES.match(column.default) or not _IS_EXPRESSION.match(column.default)
        default = f" DEFAULT {column.default}" if bare else f" DEFAULT ({column.default})"
    return f"{name} {column.type.sql}{default}{'' if column.nullable else ' NOT NULL'}"


def type_and_collation(data_type: DataType) -> tuple[str, str | None]:
    """The type's text, and its collation as it is written after COLLATE, or None."""
    sql, collation = split_collation(data_type.sql)
    return sql.strip(), quoted(collation) if collation is not None else None
