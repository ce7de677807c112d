"""SQLAlchemy's constructs, and a whole MetaData, as elements of a snapshot.

The same translation serves models (``MetaData``) and what a migration script hands to
``op`` (``sa.Column(...)``), so that both come out as the same values.
Text is compiled by SQLAlchemy's own compilers for the dialect that is given.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import operators
from sqlalchemy.sql.base import _NONE_NAME, SchemaEventTarget
from sqlalchemy.sql.elements import TextClause, UnaryExpression
from sqlalchemy.sql.naming import _constraint_name_for_table
from sqlalchemy.types import TypeEngine

from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    Computed,
    Constraint,
    DataType,
    Enum,
    ExcludeConstraint,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    Options,
    PrimaryKey,
    QualifiedName,
    Sequence,
    Table,
    UniqueConstraint,
    column_key,
)
from flask_schema.snapshot.index_text import index_element_of_text
from flask_schema.snapshot.references import referred_by

_INDEX_FIELDS = {"where", "using", "include", "ops", "nulls_not_distinct", "length"}


def writing_dialect(dialect: sa.Dialect) -> sa.Dialect:
    """A copy of ``dialect`` that writes plain SQL: percent signs are not doubled for a driver.

    What the original learned from its server (version, features) is kept.
    """
    copied = copy.copy(dialect)
    copied.__dict__.pop("_type_memos", None)  # types remember there how literals of the original are written
    copied.paramstyle = "named"
    copied.positional = False
    copied.identifier_preparer = copied.preparer(copied)
    copied.type_compiler_instance = copied.type_compiler_cls(copied)
    return copied


def may_be_named(python: TypeEngine[Any]) -> bool:
    """Whether a type can be, or hold, one that has a name in the database: an enum or a domain.

    These, and what wraps them, hear of their table (so does Boolean, for its CHECK); most types do not, and the answer
    for them needs no dialect.
    """
    if python._variant_mapping:
        return True
    return type(python) is not sa.Boolean and (isinstance(python, SchemaEventTarget) or hasattr(python, "enums"))


def frozen_options(options: Mapping[str, Any]) -> Options:
    """Keyword options as sorted pairs; lists become tuples, dictionaries sorted pairs."""

    def frozen(value: Any) -> Any:
        if isinstance(value, Mapping):
            return tuple(sorted((key, frozen(one)) for key, one in value.items()))
        if isinstance(value, (list, set, tuple)):
            return tuple(frozen(one) for one in value)
        return value

    return tuple(sorted((key, frozen(value)) for key, value in options.items() if value is not None))


class SqlalchemyTranslation:
    """Translates SQLAlchemy constructs into snapshot elements for one dialect.

    ``dialect`` should come from :func:`writing_dialect`. ``option_dialects`` are the prefixes
    whose keyword options count (``postgresql_where``), most specific first.
    ``rebuilds_tables``: tables are made anew for what ALTER TABLE cannot do. A column added with ``primary_key=True``
    then becomes the key, and a type takes its CHECK along that has no name; elsewhere, as in Alembic, neither does.
    """

    rebuilds_tables: bool = False

    def __init__(self, dialect: sa.Dialect, option_dialects: tuple[str, ...] | None = None) -> None:
        self.dialect = dialect
        self.option_dialects = option_dialects or (dialect.name,)
        self._ddl: Any = dialect.ddl_compiler(dialect, None)  # type: ignore[arg-type]
        self._sql: Any = self._ddl.sql_compiler
        self._types: Any = dialect.type_compiler_instance
        self._preparer: Any = dialect.identifier_preparer

    # -- texts and names ----------------------------------------------------------------------

    def expression(self, clause: Any) -> str:
        """The SQL text of an expression, with literal values and without table names."""
        if isinstance(clause, str):
            return clause
        if isinstance(clause, TextClause) and not clause._bindparams:
            return clause.text.replace("\\:", ":")
        return str(self._sql.process(clause, include_table=False, literal_binds=True))

    def constraint_name(self, constraint: sa.Constraint) -> str | None:
        """The final name: naming conventions applied and cut to the dialect's length; None when unnamed."""
        name: Any = constraint.name
        if name is not None and not isinstance(name, str):  # SQLAlchemy's mark for "no name, no convention applied yet"
            name = _conventional_name(constraint, getattr(constraint.parent, "table", constraint.parent))
        if name is None:
            return None
        return str(self._preparer.truncate_and_render_constraint_name(name, _alembic_quote=False))

    def index_name(self, index: sa.Index) -> str | None:
        """The final name of an index, or None."""
        return self.final_index_name(index.name)

    def final_index_name(self, name: Any) -> str | None:
        """The name of an index cut to the dialect's length, or None."""
        if name is None:
            return None
        return str(self._preparer.truncate_and_render_index_name(name, _alembic_quote=False))

    def table_name(self, table: Any) -> QualifiedName:
        """The name of a ``sa.Table`` or anything with ``name`` and ``schema``."""
        return QualifiedName(str(table.name), str(table.schema) if table.schema else None)

    # -- columns ------------------------------------------------------------------------------

    def data_type(self, python: TypeEngine[Any] | type[TypeEngine[Any]]) -> DataType:
        """A type object or class as a :class:`DataType`."""
        instance = python() if isinstance(python, type) else python
        sql = str(self._types.process(instance))
        enum = self.enum(instance)
        return DataType(sql, instance, enum.name if enum is not None else None)

    def enum(self, python: TypeEngine[Any]) -> Enum | None:
        """The enum type of the database that ``python`` (or its array item) refers to; None where it has none."""
        if not may_be_named(python):
            return None
        implementation: Any = python.dialect_impl(self.dialect)
        if isinstance(implementation, sa.types.TypeDecorator):
            return self.enum(implementation.impl_instance)
        item = getattr(implementation, "item_type", None)
        if item is not None:
            return self.enum(item)
        if not (hasattr(implementation, "DDLGenerator") and hasattr(implementation, "enums")):
            return None
        if not implementation.name or not getattr(implementation, "native_enum", True):
            return None
        schema = implementation.schema or getattr(getattr(python, "metadata", None), "schema", None)
        return Enum(QualifiedName(str(implementation.name), schema), tuple(implementation.enums))

    def default(self, column: sa.Column[Any]) -> str | None:
        """The SQL after DEFAULT, or None."""
        if column.server_default is None or isinstance(column.server_default, (sa.Computed, sa.Identity)):
            return None
        text = self._ddl.get_column_default_string(column)
        return str(text) if text is not None else None

    def server_default(self, value: Any) -> str | None:
        """The SQL after DEFAULT for anything that ``server_default=`` takes (string, text(), expression)."""
        return self.default(sa.Column("x", sa.String(), server_default=value))

    def computed(self, computed: sa.Computed) -> Computed:
        """``sa.Computed`` as an element."""
        return Computed(self.expression(computed.sqltext), computed.persisted)

    def identity(self, identity: sa.Identity) -> Identity:
        """``sa.Identity`` as an element."""
        return Identity(
            always=bool(identity.always),
            start=identity.start,
            increment=identity.increment,
            minimum=identity.minvalue,
            maximum=identity.maxvalue,
            cycle=bool(identity.cycle),
            cache=identity.cache,
        )

    def column(
        self, column: sa.Column[Any], table: sa.Table | None = None, data_type: DataType | None = None
    ) -> Column:
        """A column. ``table`` decides about ``autoincrement``: it is one column of the primary key at most.

        ``data_type`` is the column's type where that was translated already.
        """
        owner = table if table is not None else getattr(column, "table", None)
        identity = self.identity(column.identity) if column.identity is not None else None
        if identity is not None and not self.dialect.supports_identity_columns:
            identity = None
        return Column(
            name=str(column.name),
            type=data_type if data_type is not None else self.data_type(column.type),
            nullable=bool(column.nullable),
            default=self.default(column),
            computed=self.computed(column.computed) if column.computed is not None else None,
            identity=identity,
            autoincrement=identity is None and self.autoincrements(column, owner),
            comment=column.comment or None,  # databases keep no empty one
            options=self._options(column),
            renamed_from=_renamed_from(column),
            python_default=_scalar_default(column),
        )

    def autoincrements(self, column: sa.Column[Any], table: Any) -> bool:
        """Whether a column without an identity fills itself with numbers; ``table`` is its table or None."""
        automatic: Any = getattr(table, "_autoincrement_column", None) if table is not None else None
        if automatic is None:
            return column.autoincrement is True
        given: Any = column.default
        if isinstance(given, sa.Sequence):  # one that the database lacks gives no numbers
            given = given if self.dialect.supports_sequences and not given.optional else None
        elif isinstance(column.server_default, sa.Identity) and self.dialect.supports_identity_columns:
            given = column.server_default
        return automatic is column and given is None

    # -- constraints and indexes --------------------------------------------------------------

    def constraint(self, constraint: sa.Constraint) -> Constraint | None:
        """A table constraint as an element; None for one that this dialect does not write."""
        rule: Any = constraint._create_rule
        if rule is not None and not _says_nothing(rule) and not rule(self._ddl):
            return None
        name = self.constraint_name(constraint)
        options = self._options(constraint)
        if isinstance(constraint, sa.CheckConstraint):
            return CheckConstraint(self.expression(constraint.sqltext), name, options)
        deferrable, initially = constraint.deferrable, _upper(constraint.initially)
        if isinstance(constraint, sa.ForeignKeyConstraint):
            table, referred = referred_by(constraint)
            onupdate, ondelete = _action(constraint.onupdate), _action(constraint.ondelete)
            match, columns = _upper(constraint.match), _names(constraint.columns)
            return ForeignKey(columns, table, referred, name, onupdate, ondelete, deferrable, initially, match, options)
        if isinstance(constraint, sa.PrimaryKeyConstraint):
            implicit = constraint._implicit_generated  # of column flags: SQLAlchemy puts the automatic number first
            columns = _names(constraint.columns)
            columns = _names(constraint.columns_autoinc_first) if implicit and len(columns) > 1 else columns
            return PrimaryKey(columns, name, deferrable, initially, options) if columns else None
        if isinstance(constraint, sa.UniqueConstraint):
            distinct = bool(options) and bool(dict(options).get("nulls_not_distinct", False))
            rest = tuple(pair for pair in options if pair[0] != "nulls_not_distinct") if options else ()
            return UniqueConstraint(_names(constraint.columns), name, deferrable, initially, distinct, rest)
        return self._exclude(constraint, name, {"deferrable": deferrable, "initially": initially})

    def _exclude(self, constraint: Any, name: str | None, deferral: dict[str, Any]) -> ExcludeConstraint | None:
        render = getattr(constraint, "_render_exprs", None)
        if render is None:
            return None
        ops: Mapping[str, str] = getattr(constraint, "ops", None) or {}
        elements = []
        for expression, column_name, operator in render:
            text = self._preparer.quote(column_name) if isinstance(expression, str) else self._key(expression)
            opclass = ops.get(column_name)
            elements.append((f"{text} {opclass}" if opclass else text, str(operator)))
        where = self.expression(constraint.where) if constraint.where is not None else None
        return ExcludeConstraint(tuple(elements), name, str(constraint.using), where, **deferral)

    def _key(self, expression: Any) -> str:
        grouped = expression.self_group() if hasattr(expression, "self_group") else expression
        return str(self._sql.process(grouped, include_table=False, literal_binds=True))

    def index(self, index: sa.Index) -> Index:
        """An index with its expressions, order, opclasses and options."""
        options = self._options(index)
        if not options:
            elements = tuple(self._index_element(one, {}, None) for one in index.expressions)
            return Index(self.index_name(index), elements, bool(index.unique))
        given = dict(options)
        ops: Mapping[str, str] = dict(given.get("ops") or ())
        length = given.get("length")
        where = given.get("where")
        include = given.get("include") or ()
        raw_where = self._raw_option(index, "where") if where is not None else None
        return Index(
            name=self.index_name(index),
            elements=tuple(self._index_element(one, ops, length) for one in index.expressions),
            unique=bool(index.unique),
            where=self.expression(raw_where) if raw_where is not None else None,
            method=str(given["using"]).lower() if given.get("using") else None,
            include=tuple(str(getattr(one, "name", one)) for one in include),
            nulls_not_distinct=bool(given.get("nulls_not_distinct")),
            options=tuple(pair for pair in options if pair[0] not in _INDEX_FIELDS),
        )

    def _index_element(self, element: Any, ops: Mapping[str, str], length: Any) -> IndexElement:
        if element.__class__ is sa.Column and not ops and length is None:
            return column_key(str(element.name))
        descending, nulls, collation = False, None, None
        key = getattr(element, "key", None) or getattr(element, "name", None)
        while isinstance(element, UnaryExpression) and element.modifier is not None:
            if element.modifier is operators.desc_op:
                descending = True
            elif element.modifier is operators.nulls_first_op:
                nulls = "first"
            elif element.modifier is operators.nulls_last_op:
                nulls = "last"
            element = element.element
        if isinstance(element, sa.Label):
            key, element = element.key, element.element
        if isinstance(element, TextClause):
            return index_element_of_text(self.expression(element))
        if nulls == ("first" if descending else "last"):
            nulls = None
        is_column = isinstance(element, sa.ColumnClause) and not getattr(element, "is_literal", False)
        name = str(element.name) if is_column else None
        opclass = ops.get(str(key)) or (ops.get(name) if name else None)
        chars = dict(length).get(name) if isinstance(length, tuple) else length
        text = name if name is not None else self.expression(element)
        return IndexElement(text, is_column, descending, nulls, opclass, collation, chars)

    # -- tables -------------------------------------------------------------------------------

    def table(self, table: sa.Table, columns: tuple[Column, ...] | None = None) -> Table:
        """A whole ``sa.Table`` with its constraints and indexes; ``columns`` where they were translated already."""
        if columns is None:
            columns = tuple(self.column(column, table) for column in table.columns if not column.system)
        constraints = set(table.constraints)
        for column in table.columns:
            if column.constraints:  # a CHECK inside Column(...)
                constraints |= column.constraints
        elements: dict[type[Constraint], list[Any]] = {}
        for element in map(self.constraint, sorted(constraints, key=attrgetter("_creation_order"))):
            if element is not None:
                elements.setdefault(element.__class__, []).append(element)
        return Table(
            name=self.table_name(table),
            columns=columns,
            primary_key=elements[PrimaryKey][0] if PrimaryKey in elements else None,
            unique_constraints=tuple(elements.get(UniqueConstraint, ())),
            foreign_keys=tuple(elements.get(ForeignKey, ())),
            checks=tuple(elements.get(CheckConstraint, ())),
            excludes=tuple(elements.get(ExcludeConstraint, ())),
            indexes=tuple(self.index(one) for one in sorted(table.indexes, key=_index_order)),
            comment=table.comment or None,
            prefixes=tuple(table._prefixes),
            options=self._options(table),
            renamed_from=_renamed_from(table),
        )

    def with_renamed_values(self, enum: Enum, column: sa.Column[Any]) -> Enum:
        """``enum`` with the values that a column of this type says to have been renamed."""
        if "info" not in vars(column):
            return enum
        renamed = sorted((str(old), str(new)) for old, new in column.info.get("renamed_values", {}).items())
        return replace(enum, renamed_values=tuple(renamed)) if renamed else enum

    def sequence(self, sequence: sa.Sequence) -> Sequence:
        """``sa.Sequence`` as an element."""
        data_type = getattr(sequence, "data_type", None)
        return Sequence(
            name=self.table_name(sequence),
            start=sequence.start,
            increment=sequence.increment,
            minimum=sequence.minvalue,
            maximum=sequence.maxvalue,
            cycle=bool(sequence.cycle),
            cache=sequence.cache,
            data_type=str(self._types.process(data_type)) if data_type is not None else None,
        )

    # -- options ------------------------------------------------------------------------------

    def _options(self, element: Any) -> Options:
        """The options of this dialect that were given: ``where`` for ``postgresql_where``, never with the prefix."""
        if "dialect_options" not in vars(element):  # SQLAlchemy makes it when the first option is given
            return ()
        found: dict[str, Any] = {}
        for prefix in reversed(self.option_dialects):
            for key, given in element.dialect_kwargs.items():
                if key.startswith(f"{prefix}_"):
                    name = key[len(prefix) + 1 :]
                    value = self.expression(given) if isinstance(given, sa.ClauseElement) else given
                    default = element.dialect_options[prefix]._defaults.get(name)
                    if value not in (None, False, [], {}, ()) or (value is False and default is True):
                        found[name] = value  # sqlite_with_rowid=False says something
        return frozen_options(found)

    def _raw_option(self, element: Any, key: str) -> Any:
        for prefix in self.option_dialects:
            value = element.dialect_kwargs.get(f"{prefix}_{key}")
            if value is not None:
                return value
        return None


def _conventional_name(constraint: Any, table: Any) -> Any:
    is_nameless = constraint.name is _NONE_NAME and not constraint._type_bound
    name: Any = None if is_nameless else _constraint_name_for_table(constraint, table)  # type: ignore[no-untyped-call]
    return name if isinstance(name, str) else None


def _names(columns: Iterable[Any]) -> tuple[str, ...]:
    return tuple([str(column.name) for column in columns])


def _upper(word: str | None) -> str | None:
    return word.upper() if word else None


def _says_nothing(rule: Any) -> bool:
    """Whether SQLAlchemy put the rule there when ``create_all`` made the constraint by ALTER TABLE."""
    return "_create_rule_disable" in (getattr(rule, "name", ""), getattr(rule, "__name__", ""))  # 2.0, 2.1


def _action(action: str | None) -> str | None:
    if action is None:
        return None
    words, bracket, columns = action.partition("(")  # SET NULL (a, b)
    upper = words.upper()
    return None if upper == "NO ACTION" else f"{upper}{bracket}{columns}"


def _index_order(index: sa.Index) -> tuple[str, str]:
    """By name; those without one by what they are on."""
    return (str(index.name), "") if index.name else ("", ",".join(str(one) for one in index.expressions))


def _renamed_from(element: sa.Column[Any] | sa.Table) -> Any:
    return element.info.get("renamed_from") if "info" in vars(element) else None  # asking for it would make one


def _scalar_default(column: sa.Column[Any]) -> object:
    default: Any = column.default
    return default.arg if default is not None and getattr(default, "is_scalar", False) else None
