"""Builds operations from what a script says: SQLAlchemy constructs and Alembic's argument names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.base import _NONE_NAME, SchemaEventTarget
from sqlalchemy.sql.elements import conv

from flask_schema.errors import UsageError
from flask_schema.operations.columns import AddColumn, AlterColumn, ColumnFacets
from flask_schema.operations.constraints import KINDS, CreateConstraint, DropConstraint, create_constraint
from flask_schema.operations.indexes import CreateIndex, DropIndex
from flask_schema.operations.operation import Operation
from flask_schema.operations.tables import CreateTable
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Constraint,
    Index,
    IndexElement,
    Options,
    PrimaryKey,
    QualifiedName,
)
from flask_schema.snapshot.from_sqlalchemy import SqlalchemyTranslation, frozen_options
from flask_schema.snapshot.known_constraints import is_known_constraint

OPTION_PREFIXES = ("postgresql_", "cockroachdb_", "mysql_", "mariadb_", "sqlite_", "mssql_", "oracle_")


class Builder:
    """Makes operations for one listener: its translation and its naming convention."""

    def __init__(self, translation: SqlalchemyTranslation, naming_convention: Mapping[str, Any] | None) -> None:
        self.translation = translation
        self.naming_convention = naming_convention

    def metadata(self) -> sa.MetaData:
        """An empty MetaData with the naming convention."""
        convention: Any = self.naming_convention
        return sa.MetaData(naming_convention=convention) if convention else sa.MetaData()

    def table(self, name: str, *items: Any, schema: str | None = None, **keywords: Any) -> sa.Table:
        """A ``sa.Table`` on a MetaData of its own; items that belong to another table are copied."""
        return sa.Table(name, self.metadata(), *(self._own(item) for item in items), schema=schema, **keywords)

    def _own(self, item: Any) -> Any:
        """The item itself, or a copy where another table owns it already.

        A CHECK that has no name keeps none where the naming convention would ask for one: it may be older than that.
        """
        item = _own_copy(item)
        wanted = str((self.naming_convention or {}).get("ck", ""))
        if isinstance(item, sa.CheckConstraint) and item.name is None and "%(constraint_name)s" in wanted:
            item.name = _NONE_NAME
        return item

    def stub(self, name: str, columns: Sequence[Any], schema: str | None) -> sa.Table:
        """A table that has just the columns that a constraint or index names."""
        named = dict.fromkeys(_column_name(column) for column in columns)
        return self.table(
            name, *(sa.Column(column, sa.types.NULLTYPE) for column in named if column is not None), schema=schema
        )

    # -- tables and columns -------------------------------------------------------------------

    def create_table(self, name: str, items: Sequence[Any], keywords: dict[str, Any]) -> tuple[CreateTable, sa.Table]:
        """The operation, and the ``sa.Table`` that ``op.create_table`` returns."""
        if_not_exists = bool(keywords.pop("if_not_exists", False))
        for item in items:
            if isinstance(item, sa.Constraint) and not is_known_constraint(item):
                raise UsageError(
                    f"create_table({name!r}) has a constraint of the unknown class {type(item).__name__}",
                    hint="add it with op.execute('ALTER TABLE ... ADD ...'), or as sa.CheckConstraint",
                )
        table = self.table(name, *items, **keywords)
        element = self.translation.table(table)
        left_out = self._left_to_alter(table)
        if left_out:
            keys = tuple(one for one in element.foreign_keys if one not in left_out)
            element = replace(element, foreign_keys=keys)
        return CreateTable(element, if_not_exists=if_not_exists), table

    def _left_to_alter(self, table: sa.Table) -> list[Constraint | None]:
        """The foreign keys with ``use_alter``: CREATE TABLE leaves them out where ALTER TABLE can add them."""
        if not self.translation.dialect.supports_alter:
            return []
        return [self.translation.constraint(one) for one in table.foreign_key_constraints if one.use_alter]

    def add_column(self, name: str, column: sa.Column[Any], schema: str | None, **flags: Any) -> AddColumn:
        """The operation with all constraints and indexes that the column carries."""
        if column.system:
            raise UsageError(
                f"column {column.name} is marked system=True: the database has it in every table, and it is not added",
                hint="leave the directive out; it does not belong into a revision",
            )
        brings_key = bool(flags.pop("inline_primary_key", False)) or self.translation.rebuilds_tables
        if _stands_alone(column):
            return AddColumn(QualifiedName(name, schema or None), self.translation.column(column), **flags)
        table = self.table(name, column, schema=schema)
        element = self.translation.table(table)
        constraints = tuple(one for one in element.constraints if one is not element.primary_key or brings_key)
        return AddColumn(element.name, element.columns[0], constraints, element.indexes, **flags)

    def alter_column(self, table: QualifiedName, name: str, arguments: dict[str, Any]) -> list[Operation]:
        """The operations for Alembic's arguments of ``alter_column``; what is not mentioned stays UNSET.

        A CHECK that belongs to the old or the new type (Boolean, Enum) is dropped before and created after.
        """
        after = self._facets(arguments, "")
        existing = self._facets(arguments, "existing_")
        existing_default = arguments.get("existing_server_default", False)
        after.update(_left_behind(existing_default, after))
        options = {key: value for key, value in arguments.items() if key.startswith(OPTION_PREFIXES)}
        using = options.pop("postgresql_using", None)
        if "sqlite_using" in options:
            options["sqlite_using"] = self.translation.expression(options["sqlite_using"])
        altered = AlterColumn(
            table,
            name,
            ColumnFacets(**existing),
            ColumnFacets(**after),
            using=self.translation.expression(using) if using is not None else None,
            insert_before=arguments.get("insert_before"),
            insert_after=arguments.get("insert_after"),
            options=frozen_options(options),
        )
        if "type" not in after:
            return [altered]
        new_name = str(after.get("name", name))
        gone = [
            DropConstraint(table, check.name, kind="check", if_exists=check.name is None, before=check)
            for check in self._bound_checks(table, name, arguments.get("existing_type") if "type" in existing else None)
            if check.name is not None or self.translation.rebuilds_tables
        ]
        come = [create_constraint(table, one) for one in self._bound_checks(table, new_name, arguments.get("type_"))]
        return [*gone, altered, *come]

    def _bound_checks(self, table: QualifiedName, column: str, type_: Any) -> tuple[CheckConstraint, ...]:
        if not isinstance(type_, sa.types.SchemaType):
            return ()
        return self.translation.table(self.table(table.name, sa.Column(column, type_), schema=table.schema)).checks

    def _facets(self, arguments: dict[str, Any], prefix: str) -> dict[str, Any]:
        facets: dict[str, Any] = {}
        type_ = arguments.get(f"{prefix}type" if prefix else "type_")
        if type_ is not None:
            try:
                facets["type"] = self.translation.data_type(type_)
            except sa.exc.CompileError:  # what a column is today may be told in a type of another database
                if not prefix:
                    raise
        if arguments.get(f"{prefix}nullable") is not None:
            facets["nullable"] = bool(arguments[f"{prefix}nullable"])
        facets.update(self._default(arguments.get(f"{prefix}server_default", False)))
        if arguments.get(f"{prefix}comment", False) is not False:
            facets["comment"] = arguments[f"{prefix}comment"]
        if isinstance(arguments.get(f"{prefix}autoincrement"), bool):
            facets["autoincrement"] = arguments[f"{prefix}autoincrement"]
        if not prefix and arguments.get("new_column_name") is not None:
            facets["name"] = str(arguments["new_column_name"])
        return facets

    def _default(self, value: Any) -> dict[str, Any]:
        if value is False:
            return {}
        if value is None:
            return {"default": None}
        if isinstance(value, sa.Computed):
            return {"computed": self.translation.computed(value)}
        if isinstance(value, sa.Identity):
            return {"identity": self.translation.identity(value)}
        return {"default": self.translation.server_default(value)}

    # -- constraints and indexes --------------------------------------------------------------

    def constraint(self, table: QualifiedName, construct: sa.Constraint, columns: Sequence[Any]) -> CreateConstraint:
        """The operation that creates ``construct`` on a table of which only ``columns`` are known."""
        return create_constraint(table, self.constraint_element(table, construct, columns))

    def constraint_element(
        self, table: QualifiedName, construct: sa.Constraint, columns: Sequence[Any] = ()
    ) -> Constraint:
        """A SQLAlchemy constraint as an element, named by the convention. Raises UsageError for one not written."""
        construct = self._own(construct)
        needed = columns or getattr(construct, "_pending_colargs", ()) or getattr(construct, "column_keys", ())
        stub = self.stub(table.name, list(needed), table.schema)
        stub.append_constraint(construct)
        element = self.translation.constraint(construct)
        if element is None:
            raise UsageError(f"this database does not write the constraint {construct!r} on {table}")
        return element

    def primary_key(
        self, table: QualifiedName, columns: Sequence[str], name: str | None, keywords: dict[str, Any]
    ) -> PrimaryKey:
        """A primary key, named by the convention where ``name`` is None."""
        construct = sa.PrimaryKeyConstraint(*columns, name=name, **keywords)
        element = self.constraint_element(table, construct, columns)
        assert isinstance(element, PrimaryKey)
        return element

    def drop_constraint(
        self, table: QualifiedName, name: str | None, kind: str | None, arguments: dict[str, Any]
    ) -> DropConstraint:
        """The operation that drops a constraint; ``arguments`` are ``if_exists``, ``existing`` and dialect keywords.

        Raises UsageError for a ``type_`` that is none.
        """
        kinds = [*KINDS.values()]
        if kind is not None and kind not in kinds:
            raise UsageError(f"type_ of drop_constraint is one of {', '.join(kinds)}, not {kind!r}")
        existing = arguments.pop("existing", None)
        return DropConstraint(
            table,
            self._conventional_name(table, name, kind),
            kind=kind,
            if_exists=bool(arguments.pop("if_exists", False)),
            before=self.constraint_element(table, existing) if existing is not None else None,
            options=prefixed_options(arguments),
        )

    def _conventional_name(self, table: QualifiedName, name: str | None, kind: str | None) -> str | None:
        """What a convention with ``%(constraint_name)s`` in it makes of ``name``, as it did when it was created."""
        makers: dict[str, Any] = {
            "primary": sa.PrimaryKeyConstraint,
            "unique": sa.UniqueConstraint,
            "check": lambda name: sa.CheckConstraint("", name=name),
            "foreignkey": lambda name: sa.ForeignKeyConstraint([], [], name=name),
        }
        if name is None or kind not in makers or not self.naming_convention:
            return name
        construct: sa.Constraint = makers[kind](name=name)
        self.stub(table.name, [], table.schema).append_constraint(construct)
        return self.translation.constraint_name(construct) or name

    def foreign_key(
        self,
        name: str | None,
        source: QualifiedName,
        referent: QualifiedName,
        local_columns: Sequence[str],
        remote_columns: Sequence[str],
        facets: dict[str, Any],
    ) -> CreateConstraint:
        """The operation that creates a foreign key."""
        metadata = self.metadata()
        if source == referent:
            names = dict.fromkeys([*local_columns, *remote_columns])
            table = target = sa.Table(
                source.name, metadata, *(sa.Column(one, sa.types.NULLTYPE) for one in names), schema=source.schema
            )
        else:
            table, target = (
                sa.Table(one.name, metadata, *(sa.Column(key, sa.types.NULLTYPE) for key in keys), schema=one.schema)
                for one, keys in ((source, local_columns), (referent, remote_columns))
            )
        construct = sa.ForeignKeyConstraint(
            list(local_columns), [target.c[column] for column in remote_columns], name=name, **facets
        )
        table.append_constraint(construct)
        element = self.translation.constraint(construct)
        assert element is not None
        return create_constraint(source, element)

    def exclude(
        self, table: QualifiedName, name: str | None, elements: Sequence[Any], keywords: dict[str, Any]
    ) -> CreateConstraint:
        """The operation that creates an EXCLUDE constraint."""
        from sqlalchemy.dialects.postgresql import ExcludeConstraint

        construct: Any = ExcludeConstraint(*elements, name=name, **keywords)
        return self.constraint(table, construct, [one[0] for one in elements if isinstance(one[0], str)])

    def own_options(self, keywords: Mapping[str, Any]) -> Options:
        """Of a table's keywords those for this database, without their prefix."""
        return frozen_options(self._unprefixed(keywords))

    def changed_options(self, keywords: Mapping[str, Any]) -> Options:
        """The same, with those that are None."""
        found = self._unprefixed(keywords)
        gone: Options = tuple((key, None) for key, value in found.items() if value is None)
        return tuple(sorted((*frozen_options(found), *gone), key=lambda pair: pair[0]))

    def _unprefixed(self, keywords: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for prefix in reversed(self.translation.option_dialects):
            start = f"{prefix}_"
            found.update({key[len(start) :]: value for key, value in keywords.items() if key.startswith(start)})
        return found

    def drop_index(
        self, name: str, table: QualifiedName | None, schema: str | None, flags: dict[str, Any]
    ) -> DropIndex:
        """The operation that drops an index; ``flags`` hold if_exists, concurrently and dialect keywords.

        Raises TypeError for any other keyword.
        """
        if_exists = bool(flags.pop("if_exists", False))
        concurrently = bool(flags.pop("concurrently", False) or flags.get("postgresql_concurrently"))
        sa.Index(name, **flags)  # for its objections
        options = prefixed_options(flags)
        return DropIndex(table, name, schema, if_exists, concurrently=concurrently, options=options)

    def create_index(
        self, name: str | None, table: str, keys: Sequence[Any], schema: str | None, flags: dict[str, Any]
    ) -> CreateIndex:
        """The operation that creates an index; ``flags`` hold unique, if_not_exists and dialect keywords."""
        if_not_exists = bool(flags.pop("if_not_exists", False))
        concurrently = any(flags.pop(f"{prefix}_concurrently", False) for prefix in ("postgresql", "cockroachdb"))
        concurrently = bool(flags.pop("concurrently", False)) or concurrently
        if self._is_final(name) and all(type(key) is str for key in keys) and not _given(flags) - {"unique"}:
            elements = tuple(IndexElement(key) for key in keys)
            index = Index(self.translation.final_index_name(name), elements, unique=bool(flags.get("unique")))
            return CreateIndex(QualifiedName(table, schema), index, if_not_exists, concurrently)
        included = [column for key in flags if key.endswith("_include") for column in flags[key] or ()]
        texts = [key for key in keys if isinstance(key, str)]
        columns = [key.name for key in keys if isinstance(key, sa.Column)]
        stub = self.stub(table, [*texts, *columns, *included], schema)
        expressions = [stub.c[key] if isinstance(key, str) else key for key in keys]
        construct = sa.Index(name, *expressions, **flags)
        if construct.table is None:
            construct._set_parent(stub)
        element = self.translation.index(construct)
        return CreateIndex(QualifiedName(table, schema), element, if_not_exists, concurrently)

    def _is_final(self, name: str | None) -> bool:
        """Whether no naming convention has a say in a name: one that is given counts only where it is asked for."""
        rules = (self.naming_convention or {}).values()
        return isinstance(name, conv) or (
            name is not None and not any("(constraint_name)" in str(one) for one in rules)
        )


def _stands_alone(column: sa.Column[Any]) -> bool:
    """Whether a column brings nothing along that only a table can tell: keys, constraints, indexes, events of its type.

    Most that are added do, and to build a table around each would take most of the time.
    """
    brings = column.foreign_keys or column.constraints or column.primary_key or column.index or column.unique
    owner: Any = column.table
    return not brings and owner is None and not isinstance(column.type, SchemaEventTarget)


def _given(flags: Mapping[str, Any]) -> set[str]:
    return {key for key, value in flags.items() if value is not None}


def _left_behind(existing: Any, after: dict[str, Any]) -> dict[str, Any]:
    """``server_default=`` replaces what was there, be it a default, an identity or a computed expression."""
    mentioned = {"default", "computed", "identity"} & set(after)
    if not mentioned or existing is False or existing is None:
        return {}
    kinds = {sa.Identity: "identity", sa.Computed: "computed"}
    facet = next((facet for kind, facet in kinds.items() if isinstance(existing, kind)), "default")
    if facet in mentioned:
        return {}
    if after.get("default", "") is None:
        del after["default"]
    return {facet: None}


def prefixed_options(keywords: Mapping[str, Any]) -> Options:
    """Of a directive's keywords those that are for one database, with their prefix."""
    return frozen_options({key: value for key, value in keywords.items() if key.startswith(OPTION_PREFIXES)})


def final_name(name: str) -> conv:
    """A name that naming conventions leave alone."""
    return conv(name)


def _column_name(column: Any) -> str | None:
    if isinstance(column, str):
        return column
    name = getattr(column, "name", None)
    return str(name) if name is not None else None


def _own_copy(item: Any) -> Any:
    """The item itself, or a copy where another table owns it already."""
    if isinstance(item, sa.Column) and item.table is not None:
        return item._copy()
    if isinstance(item, sa.Constraint) and getattr(item, "parent", None) is not None:
        return item._copy()
    return item
