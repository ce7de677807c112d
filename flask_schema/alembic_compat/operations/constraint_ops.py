"""Directive classes for constraints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

import sqlalchemy as sa

from flask_schema.alembic_compat.operations.migrate_operation import MigrateOperation
from flask_schema.alembic_compat.operations.schemaobj import SchemaObjects
from flask_schema.snapshot.references import referred_by

_Class = TypeVar("_Class", bound="type[AddConstraintOp]")


def constraint_name(name: Any) -> Any:
    """The name of a constraint, None where it has none (SQLAlchemy has a mark of its own for that)."""
    return name if isinstance(name, str) else None


def table_of(constraint: Any) -> Any:
    """The table of a constraint, also of one that was written inside a column."""
    parent = constraint.parent
    return parent.table if isinstance(parent, sa.Column) else parent


def said(constraint: Any, *names: str) -> dict[str, Any]:
    """Of the attributes ``names`` those that say something, and the options of databases."""
    found = {name: getattr(constraint, name, None) for name in names}
    return {**{name: value for name, value in found.items() if value is not None}, **constraint.dialect_kwargs}


class AddConstraintOp(MigrateOperation):
    """What adding a constraint has in common."""

    constraint_type: ClassVar[str]
    _classes: ClassVar[dict[str, type[AddConstraintOp]]] = {}

    constraint_name: Any

    @classmethod
    def register_add_constraint(cls, type_: str) -> Callable[[_Class], _Class]:
        """Class decorator: the class for constraints that SQLAlchemy's visitors call ``type_``."""

        def enter(op_class: _Class) -> _Class:
            cls._classes[type_] = op_class
            return op_class

        return enter

    @classmethod
    def from_constraint(cls, constraint: Any) -> AddConstraintOp:
        """The directive that adds ``constraint``. Raises ValueError for a kind that nobody registered."""
        found = cls._classes.get(constraint.__visit_name__)
        if found is None:
            raise ValueError(f"there is no directive that adds {constraint!r}")
        return found.from_constraint(constraint)

    def to_constraint(self, migration_context: Any = None) -> Any:
        """The constraint, on a table that has just the columns it needs."""
        raise NotImplementedError

    def reverse(self) -> DropConstraintOp:
        """The directive that drops it."""
        return DropConstraintOp.from_constraint(self.to_constraint())

    def to_diff_tuple(self) -> tuple[str, Any]:
        """``("add_constraint", constraint)``."""
        return ("add_constraint", self.to_constraint())


class _ColumnsOp(AddConstraintOp):
    """A constraint that is a list of columns."""

    def __init__(
        self, constraint_name: Any, table_name: str, columns: Sequence[str], *, schema: str | None = None, **kw: Any
    ) -> None:
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.columns = columns
        self.schema = schema
        self.kw = kw

    @classmethod
    def from_constraint(cls, constraint: Any) -> AddConstraintOp:
        """The directive that adds ``constraint``."""
        table = table_of(constraint)
        return cls(
            constraint_name(constraint.name),
            table.name,
            [column.name for column in constraint.columns],
            schema=table.schema,
            **said(constraint, "deferrable", "initially"),
        )


@AddConstraintOp.register_add_constraint("primary_key_constraint")
class CreatePrimaryKeyOp(_ColumnsOp):
    """``op.create_primary_key``."""

    constraint_type = "primarykey"

    def to_constraint(self, migration_context: Any = None) -> sa.PrimaryKeyConstraint:
        """The primary key."""
        objects = SchemaObjects(migration_context)
        return objects.primary_key_constraint(
            self.constraint_name, self.table_name, self.columns, schema=self.schema, **self.kw
        )

    def reverse(self) -> DropConstraintOp:
        """The directive that drops it."""
        return DropConstraintOp(
            self.constraint_name, self.table_name, type_="primary", schema=self.schema, _reverse=self
        )


@AddConstraintOp.register_add_constraint("unique_constraint")
class CreateUniqueConstraintOp(_ColumnsOp):
    """``op.create_unique_constraint``."""

    constraint_type = "unique"

    def to_constraint(self, migration_context: Any = None) -> sa.UniqueConstraint:
        """The unique constraint."""
        objects = SchemaObjects(migration_context)
        return objects.unique_constraint(
            self.constraint_name, self.table_name, self.columns, schema=self.schema, **self.kw
        )


@AddConstraintOp.register_add_constraint("foreign_key_constraint")
class CreateForeignKeyOp(AddConstraintOp):
    """``op.create_foreign_key``; ``kw`` holds the schemas, the actions and all else."""

    constraint_type = "foreignkey"

    def __init__(
        self,
        constraint_name: Any,
        source_table: str,
        referent_table: str,
        local_cols: list[str],
        remote_cols: list[str],
        **kw: Any,
    ) -> None:
        self.constraint_name = constraint_name
        self.source_table = source_table
        self.referent_table = referent_table
        self.local_cols = local_cols
        self.remote_cols = remote_cols
        self.kw = kw

    @classmethod
    def from_constraint(cls, constraint: Any) -> CreateForeignKeyOp:
        """The directive that adds ``constraint``."""
        table = table_of(constraint)
        referent, columns = referred_by(constraint)
        facets = said(constraint, "onupdate", "ondelete", "initially", "deferrable", "match")
        if constraint.use_alter:
            facets["use_alter"] = constraint.use_alter
        return cls(
            constraint_name(constraint.name),
            table.name,
            referent.name,
            [element.parent.name for element in constraint.elements],
            list(columns),
            source_schema=table.schema,
            referent_schema=referent.schema,
            **facets,
        )

    def to_constraint(self, migration_context: Any = None) -> sa.ForeignKeyConstraint:
        """The foreign key."""
        return SchemaObjects(migration_context).foreign_key_constraint(
            self.constraint_name,
            self.source_table,
            self.referent_table,
            self.local_cols,
            self.remote_cols,
            **self.kw,
        )

    def to_diff_tuple(self) -> tuple[str, sa.ForeignKeyConstraint]:
        """``("add_fk", constraint)``."""
        return ("add_fk", self.to_constraint())


@AddConstraintOp.register_add_constraint("check_constraint")
@AddConstraintOp.register_add_constraint("table_or_column_check_constraint")
@AddConstraintOp.register_add_constraint("column_check_constraint")
class CreateCheckConstraintOp(AddConstraintOp):
    """``op.create_check_constraint``."""

    constraint_type = "check"

    def __init__(
        self, constraint_name: Any, table_name: str, condition: Any, *, schema: str | None = None, **kw: Any
    ) -> None:
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.condition = condition
        self.schema = schema
        self.kw = kw

    @classmethod
    def from_constraint(cls, constraint: Any) -> CreateCheckConstraintOp:
        """The directive that adds ``constraint``."""
        table = table_of(constraint)
        return cls(
            constraint_name(constraint.name),
            table.name,
            constraint.sqltext,
            schema=table.schema,
            **constraint.dialect_kwargs,
        )

    def to_constraint(self, migration_context: Any = None) -> sa.CheckConstraint:
        """The CHECK."""
        objects = SchemaObjects(migration_context)
        return objects.check_constraint(
            self.constraint_name, self.table_name, self.condition, schema=self.schema, **self.kw
        )


@AddConstraintOp.register_add_constraint("exclude_constraint")
class CreateExcludeConstraintOp(AddConstraintOp):
    """``op.create_exclude_constraint`` (PostgreSQL)."""

    constraint_type = "exclude"

    def __init__(
        self,
        constraint_name: Any,
        table_name: str,
        elements: Sequence[tuple[Any, str]],
        where: Any = None,
        schema: str | None = None,
        _orig_constraint: Any = None,
        **kw: Any,
    ) -> None:
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.elements = elements
        self.where = where
        self.schema = schema
        self._orig_constraint = _orig_constraint
        self.kw = kw

    @classmethod
    def from_constraint(cls, constraint: Any) -> CreateExcludeConstraintOp:
        """The directive that adds ``constraint``."""
        table = table_of(constraint)
        return cls(
            constraint_name(constraint.name),
            table.name,
            [(expression, operator) for expression, _, operator in constraint._render_exprs],
            where=constraint.where,
            schema=table.schema,
            _orig_constraint=constraint,
            using=constraint.using,
            **said(constraint, "deferrable", "initially"),
        )

    def to_constraint(self, migration_context: Any = None) -> Any:
        """The exclusion constraint."""
        if self._orig_constraint is not None:
            return self._orig_constraint
        from sqlalchemy.dialects.postgresql import ExcludeConstraint

        make: Any = ExcludeConstraint
        constraint = make(*self.elements, name=self.constraint_name, where=self.where, **self.kw)
        table = sa.Table(self.table_name, SchemaObjects(migration_context).metadata(), schema=self.schema)
        for expression, _, _ in constraint._render_exprs:
            if isinstance(expression, sa.Column):
                table.append_column(sa.Column(expression.name, sa.types.NULLTYPE), replace_existing=True)
        table.append_constraint(constraint)
        return constraint


_DROPPED = {
    "unique_constraint": "unique",
    "foreign_key_constraint": "foreignkey",
    "primary_key_constraint": "primary",
    "check_constraint": "check",
    "column_check_constraint": "check",
    "table_or_column_check_constraint": "check",
    "exclude_constraint": "exclude",
}


class DropConstraintOp(MigrateOperation):
    """``op.drop_constraint``; ``constraint_type`` is its ``type_``."""

    def __init__(
        self,
        constraint_name: Any,
        table_name: str,
        type_: str | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        _reverse: AddConstraintOp | None = None,
    ) -> None:
        self.constraint_name = constraint_name
        self.table_name = table_name
        self.constraint_type = type_
        self.schema = schema
        self.if_exists = if_exists
        self._reverse = _reverse

    @classmethod
    def from_constraint(cls, constraint: Any) -> DropConstraintOp:
        """The directive that drops ``constraint``."""
        table = table_of(constraint)
        return cls(
            constraint_name(constraint.name),
            table.name,
            schema=table.schema,
            type_=_DROPPED.get(constraint.__visit_name__),
            _reverse=AddConstraintOp.from_constraint(constraint),
        )

    def to_constraint(self) -> Any:
        """The constraint. Raises ValueError when nobody said what it was."""
        if self._reverse is None:
            raise ValueError("constraint cannot be produced; original constraint is not present")
        constraint = self._reverse.to_constraint()
        constraint.name = self.constraint_name
        table = table_of(constraint)
        if table is not None:
            table.name = self.table_name
            table.schema = self.schema
        return constraint

    def reverse(self) -> AddConstraintOp:
        """The directive that adds it again. Raises ValueError when nobody said what it was."""
        if self._reverse is not None and isinstance(self._reverse, CreatePrimaryKeyOp):
            return self._reverse
        return AddConstraintOp.from_constraint(self.to_constraint())

    def to_diff_tuple(self) -> tuple[str, Any]:
        """``("remove_constraint", constraint)``, or ``("remove_fk", constraint)``."""
        kind = "remove_fk" if self.constraint_type == "foreignkey" else "remove_constraint"
        return (kind, self.to_constraint())
