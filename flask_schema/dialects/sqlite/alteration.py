"""What operations make of one table's text, indexes and column map, before any statement is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

from flask_schema.dialects.sqlite import create_table as parts
from flask_schema.dialects.sqlite.canonical import default_text
from flask_schema.dialects.sqlite.compiler import SqliteCompiler, type_and_collation
from flask_schema.dialects.sqlite.create_index import parse_create_index
from flask_schema.dialects.sqlite.create_table import Clause, ColumnText, parse_create_table
from flask_schema.dialects.sqlite.new_columns import filled_check
from flask_schema.dialects.sqlite.reader import constraint_of, table_of
from flask_schema.dialects.sqlite.rebuild import StoredTable
from flask_schema.dialects.sqlite.table_editor import TableEditor, column_names
from flask_schema.dialects.sqlite.tokens import expression_key, folded, names_in, quoted, same_name
from flask_schema.dialects.sqlite.twins import later_twins, unnamed_twin
from flask_schema.dialects.sqlite.usage import user_of
from flask_schema.dialects.statement import Statement
from flask_schema.errors import ObjectMissing, OperationRefused
from flask_schema.operations import columns, constraints, renames
from flask_schema.operations.constraints import KINDS, DropConstraint
from flask_schema.operations.groups import TableTemplate
from flask_schema.operations.indexes import CreateIndex, DropIndex
from flask_schema.operations.operation import UNSET, Operation
from flask_schema.operations.tables import AlterTableOptions
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    Computed,
    Constraint,
    DataType,
    ForeignKey,
    Options,
    PrimaryKey,
    QualifiedName,
    Table,
)


@dataclass(slots=True)
class Alteration:
    """One table while operations are applied to it, each by the method named as its directive.

    ``template`` is what a batch block says of the table itself; ``described`` is given where that is all of it, and
    then counts instead of what is ``stored``. ``sources`` maps each column to the one of
    ``stored`` that fills it. ``dropped`` are columns, ``gone`` constraints and ``gone_indexes`` that went with
    them; ``in_block``: a batch block may bring them back with a column of the old name. ``checks`` are
    queries that must find nothing before the change. ``numbered`` says which columns get or lose AUTOINCREMENT.
    ``conversions`` are expressions that fill columns in the place of what ``sources`` says (``sqlite_using``).
    """

    compiler: SqliteCompiler
    stored: StoredTable
    template: TableTemplate
    described: StoredTable | None = None
    editor: TableEditor = field(init=False)
    indexes: dict[str, str] = field(init=False)
    sources: dict[str, str] = field(init=False)
    dropped: list[str] = field(default_factory=list)
    in_block: bool = False
    gone: list[Constraint] = field(default_factory=list)
    gone_indexes: dict[str, str] = field(default_factory=dict)
    checks: list[Statement] = field(default_factory=list)
    numbered: dict[str, bool] = field(default_factory=dict)
    conversions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        start = self.described or self.stored
        self.editor = TableEditor(start.sql)
        self.indexes = dict(start.indexes)
        present = column_names(parse_create_table(self.stored.sql))
        names = (column.name for column in self.editor.parsed.columns)
        self.sources = {name: present[folded(name)] for name in names if folded(name) in present}

    @property
    def name(self) -> QualifiedName:
        """The table's name."""
        return self.stored.name

    @property
    def after(self) -> StoredTable:
        """The table as the operations so far leave it."""
        return StoredTable(self.name, self.editor.text, self.indexes, self.stored.triggers)

    def apply(self, operation: Operation) -> None:
        """Take in one operation. Raises ObjectMissing and OperationRefused."""
        method: Callable[[Operation], None] = getattr(self, operation.directive)
        method(operation)

    def column(self, name: str) -> ColumnText:
        """The column's text. Raises ObjectMissing."""
        found = self.editor.column(name)
        if found is None:
            raise ObjectMissing(f"there is no column {self.name}.{name}")
        return found

    # -- columns ------------------------------------------------------------------------------

    def add_column(self, operation: columns.AddColumn) -> None:
        column = operation.column
        if self.editor.column(column.name) is not None:
            if operation.if_not_exists:
                return
            raise OperationRefused(f"there is a column {self.name}.{column.name} already")
        specification = self.compiler.column_specification(self.name, column)
        self.editor.add_column(specification, operation.insert_after, operation.insert_before)
        check = filled_check(self.compiler, operation)
        if check is not None:
            self.checks.append(check)
        for constraint in operation.constraints:
            self.editor.add_constraint(self.compiler.constraint_definition(self.name, constraint))
        for index in operation.indexes:
            self.create_index(CreateIndex(self.name, index))
        if self.in_block and column.name in self.dropped:
            self._bring_back()

    def _bring_back(self) -> None:
        """What went with dropped columns returns where a batch block adds them again, as Alembic copies the table."""
        present = column_names(self.editor.parsed)
        for one in list(self.gone):
            columns = () if isinstance(one, PrimaryKey) else getattr(one, "columns", ())
            if columns and all(folded(column) in present for column in columns):
                self.gone.remove(one)
                if one not in self.table().constraints:
                    self.editor.add_constraint(self.compiler.constraint_definition(self.name, one))
        for name, sql in list(self.gone_indexes.items()):
            if all(folded(column) in present for column in parse_create_index(sql).columns):
                self.indexes.setdefault(name, self.gone_indexes.pop(name))

    def drop_column(self, operation: columns.DropColumn) -> None:
        if self.editor.column(operation.name) is None and operation.if_exists:
            return
        column = self.column(operation.name)
        if len(self.editor.parsed.columns) == 1:
            raise OperationRefused(f"{self.name}.{column.name} is the only column of its table")
        name = column.name
        self.gone += [one for one in map(self._constraint, column.clauses) if one is not None]
        self.editor.drop_column(name)
        for clause in reversed(self.editor.parsed.constraints):
            if self._only_about(clause, name):
                constraint = self._constraint(clause)
                self.gone += [constraint] if constraint is not None else []
                self.editor.drop_clause(clause)
        for index, sql in list(self.indexes.items()):
            if any(same_name(key, name) for key in parse_create_index(sql).columns):
                self.gone_indexes[index] = self.indexes.pop(index)
        self.sources.pop(name, None)
        self.dropped.append(name)

    def _only_about(self, clause: Clause, name: str) -> bool:
        """Whether a constraint of the table falls with a column: a key with it, a check of nothing else."""
        if clause.columns:
            return any(same_name(column, name) for column in clause.columns)
        mentioned = names_in(clause.text)
        others = set(column_names(self.editor.parsed)) & mentioned
        return clause.kind == parts.CHECK and folded(name) in mentioned and not others

    def alter_column(self, operation: columns.AlterColumn) -> None:
        """Every facet but the name, which SQLite changes by itself."""
        name, after = self.column(operation.name).name, operation.after
        if after.identity is not UNSET and after.identity is not None:
            raise OperationRefused(
                f"SQLite has no identity columns, asked for on {self.name}.{name}",
                hint="an INTEGER primary key numbers its rows by itself",
            )
        if after.computed is not UNSET:
            self._set_computed(name, after.computed)
        if after.type is not UNSET:
            self._set_type(operation, name, after.type)
        if "sqlite_using" in dict(operation.options):
            self.conversions[name] = str(dict(operation.options)["sqlite_using"])
        if after.default is not UNSET:
            self.editor.set_default(name, default_text(after.default) if after.default is not None else None)
        if after.autoincrement is not UNSET:
            self.numbered[name] = after.autoincrement  # its key may be created later
        if after.nullable is not UNSET:
            self._set_nullable(operation, name, after.nullable)
        if operation.insert_before is not None or operation.insert_after is not None:
            self._move(name, operation.insert_before, operation.insert_after)

    def _set_type(self, operation: columns.AlterColumn, name: str, data_type: DataType) -> None:
        """The collation changes with the type when one of both sides says so; else it is not touched."""
        sql, collation = type_and_collation(data_type)
        before = operation.before.type
        said = before is not UNSET and type_and_collation(before)[1] is not None
        self.editor.set_type(name, sql)
        if collation is not None or said:
            self.editor.set_collation(name, collation)

    def _set_computed(self, name: str, computed: Computed | None) -> None:
        if computed is None:
            self.editor.set_generated(name, None)
            return
        kind = "" if computed.stored is None else " STORED" if computed.stored else " VIRTUAL"
        self.editor.set_default(name, None)
        self.editor.set_generated(name, f"GENERATED ALWAYS AS ({computed.expression}){kind}")

    def _set_nullable(self, operation: columns.AlterColumn, name: str, nullable: bool) -> None:
        column = self.column(name)
        was_nullable = column.clause(parts.NOT_NULL) is None
        self.editor.set_not_null(name, not nullable)
        source = self.sources.get(name)
        if was_nullable and not nullable and source is not None and not column.is_generated:
            self.checks.append(
                Statement(
                    f"SELECT 1 FROM {self.compiler.table_name(self.name)} WHERE {quoted(source)} IS NULL LIMIT 1",
                    operation=operation,
                    online_only=True,
                    must_be_empty=True,
                    failure=f"{self.name}.{source} holds NULLs and cannot become NOT NULL; give them a value first",
                )
            )

    def _move(self, name: str, insert_before: str | None = None, insert_after: str | None = None) -> None:
        """Put a column before or after another; constraints of the table do not depend on the order."""
        text = self.column(name)
        specification = self.editor.text[text.span.start : text.span.end]
        self.editor.drop_column(name)
        self.editor.add_column(specification, insert_after, insert_before)

    @property
    def state(self) -> tuple[str, dict[str, str], dict[str, str]]:
        """The texts as they are by now, to see whether anything changes."""
        return self.editor.text, dict(self.indexes), dict(self.conversions)

    def finish(self, *, whole_table: bool) -> None:
        """Do what needs the table as all operations leave it; ``whole_table``: also what a batch block says of it."""
        for name, wanted in self.numbered.items():
            key = self.editor.primary_key()
            if self.editor.column(name) is not None and key is not None and len(key.columns) == 1:
                self.editor.set_autoincrement(name, wanted)
        if whole_table:
            self._apply_template()

    def _apply_template(self) -> None:
        """Put in the constraints, options and order of columns that a batch block gives for the whole table."""
        for constraint in self.template.constraints:
            if not self._says_already(constraint):
                self.editor.add_constraint(self.compiler.constraint_definition(self.name, constraint))
        self._set_options(self.template.options)
        for run in self.template.order:
            for before, after in pairwise(run):
                self._move(self.column(after).name, insert_after=before)

    def _says_already(self, wanted: Constraint) -> bool:
        """Whether the table has the constraint, or one without a name that says the same.

        Scripts restate an unnamed CHECK in ``table_args``, which Alembic would lose and which is kept here.
        """
        found = DropConstraint(self.name, wanted.name, KINDS[type(wanted)], before=wanted).find(self.table())
        return found is not None and replace(found, name=None) == replace(wanted, name=None)

    def name_constraints(self) -> None:
        """Give constraints without a name the one that the batch block's naming convention has for them."""
        table = self._bare_table()
        for clause in reversed([*self.editor.parsed.clauses()]):
            constraint = self._constraint(clause)
            if constraint is None or constraint.name is not None:
                continue
            name = self.compiler.conventional_name(table, constraint, self.template.naming_convention)
            if name is not None:
                self.editor.name_clause(clause, name)

    def alter_table_options(self, operation: AlterTableOptions) -> None:
        """AUTOINCREMENT, STRICT and WITHOUT ROWID. Rows that STRICT does not allow stop the rebuild."""
        unknown = sorted(dict(operation.after).keys() - {"autoincrement", "strict", "with_rowid"})
        if unknown:
            raise OperationRefused(f"SQLite has no option {unknown[0]!r} for tables, asked for on {self.name}")
        self._set_options(operation.after)

    def _set_options(self, changed: Options) -> None:
        options = dict(changed)
        key = self.editor.primary_key()
        if "autoincrement" in options and key is not None and len(key.columns) == 1:
            self.editor.set_autoincrement(key.columns[0], bool(options["autoincrement"]))
        parsed = self.editor.parsed
        self.editor.set_options(
            without_rowid=options.get("with_rowid", not parsed.without_rowid) is False,
            strict=bool(options.get("strict", parsed.strict)),
        )

    # -- constraints --------------------------------------------------------------------------

    def _create_constraint(self, operation: constraints.CreateConstraint) -> None:
        self.editor.add_constraint(self.compiler.constraint_definition(self.name, operation.constraint))

    def create_foreign_key(self, operation: constraints.CreateForeignKey) -> None:
        """A key with a name stands before one without that says the same; see ``twins``."""
        key = operation.constraint
        twin = unnamed_twin(self.editor, key) if isinstance(key, ForeignKey) and key.name is not None else None
        if twin is None:
            self._create_constraint(operation)
        else:
            self.editor.add_constraint_before(twin, self.compiler.constraint_definition(self.name, key))

    def drop_twins(self) -> None:
        """Of foreign keys that say the same keep the first."""
        for clause in reversed(later_twins(self.editor)):
            twin = self._constraint(clause)
            self.gone += [twin] if twin is not None else []
            self.editor.drop_clause(clause)

    create_unique_constraint = _create_constraint
    create_check_constraint = _create_constraint
    create_exclude_constraint = _create_constraint

    def create_primary_key(self, operation: constraints.CreatePrimaryKey) -> None:
        """Give the table this key; one that it has makes room."""
        key = self.editor.primary_key()
        if key is not None:
            self._drop_clause(key)
        self._create_constraint(operation)

    def alter_primary_key(self, operation: constraints.AlterPrimaryKey) -> None:
        """The same as giving it a key: one that is there makes room."""
        self.create_primary_key(constraints.CreatePrimaryKey(operation.table, operation.after))

    def drop_constraint(self, operation: constraints.DropConstraint) -> None:
        clause = self._find(operation)
        if clause is not None:
            self._drop_clause(clause)
            return
        went = replace_constraints(self._bare_table(), self.gone)
        if operation.if_exists or operation.find(went) is not None:
            return
        known = ", ".join(one.name or _described(one) for one in self.table().constraints) or "no constraints"
        raise ObjectMissing(
            f"there is no constraint {operation.name or '(unnamed)'} on {self.name}", hint=f"it has {known}"
        )

    def rename_constraint(self, operation: renames.RenameConstraint) -> None:
        """Its text stays, under another name; one that has none is found by what it would be called."""
        clause = self._find(constraints.DropConstraint(operation.table, operation.name))
        if clause is None:
            raise ObjectMissing(f"there is no constraint {operation.name} on {self.name}")
        self.editor.name_clause(clause, operation.new_name)

    def _find(self, operation: constraints.DropConstraint) -> Clause | None:
        """The clause that is meant: by name, else an unnamed one by content or by its conventional name."""
        if operation.name is not None:
            named = self.editor.named(operation.name)
            if len(named) == 1 or (named and operation.before is None):
                return named[0]
        known = self.template.table.constraints if self.template.table is not None else ()
        if operation.before is None and operation.name is not None:  # a batch block may say what that name stands for
            said = next((one for one in known if one.name == operation.name), None)
            operation = replace(operation, before=said)
        pairs = [(clause, self._constraint(clause)) for clause in self.editor.parsed.clauses()]
        candidates = [(clause, one) for clause, one in pairs if one is not None]
        table = replace_constraints(self._bare_table(), [one for _, one in candidates])
        wanted = operation.before
        if isinstance(wanted, CheckConstraint):
            key = expression_key(wanted.expression)
            same = [one for one in table.checks if expression_key(one.expression) == key]
            operation = replace(operation, before=replace(wanted, expression=same[0].expression)) if same else operation
        found = operation.find(table) or self._find_by_convention(operation, table)
        return next((clause for clause, one in candidates if one is found), None)

    def _find_by_convention(self, operation: constraints.DropConstraint, table: Table) -> Constraint | None:
        """The unnamed constraint that the batch block's own naming convention gives the name."""
        if operation.name is None or not self.template.naming_convention:
            return None
        for one in table.constraints:
            named = self.compiler.conventional_name(table, one, self.template.naming_convention)
            if one.name is None and named is not None and same_name(named, operation.name):
                return one
        return None

    def _drop_clause(self, clause: Clause) -> None:
        if clause.kind != parts.PRIMARY_KEY:
            self.editor.drop_clause(clause)
            return
        kept = [column.name for column in self._never_null() if column.clause(parts.NOT_NULL) is None]
        self.editor.drop_clause(clause)
        for name in kept:  # the key said NOT NULL for them
            self.editor.set_not_null(name, True)

    def _never_null(self) -> list[ColumnText]:
        key = self.editor.primary_key()
        if key is None:
            return []
        found = [column for column in self.editor.parsed.columns if any(same_name(column.name, k) for k in key.columns)]
        is_rowid = len(found) == 1 and found[0].type == "INTEGER"
        return found if is_rowid or self.editor.parsed.without_rowid else []

    def _constraint(self, clause: Clause) -> Constraint | None:
        return constraint_of(clause, column_names(self.editor.parsed), self.name.schema)

    def _bare_table(self) -> Table:
        """The table's columns alone: those of now and those dropped, since constraints may be named after them."""
        names = [*column_names(self.editor.parsed).values(), *self.dropped]
        return Table(self.name, tuple(Column(name, DataType("")) for name in names))

    def table(self) -> Table:
        """The table as an element, without its indexes."""
        return table_of(self.editor.parsed, self.name)

    # -- indexes ------------------------------------------------------------------------------

    def create_index(self, operation: CreateIndex) -> None:
        name = operation.index.name or ""
        if any(same_name(name, one) for one in self.indexes):
            if operation.if_not_exists:
                return
            raise OperationRefused(f"there is an index {name} on {self.name} already")
        plain = replace(operation, if_not_exists=False, table=QualifiedName(self.name.name))
        for sql in self.compiler.create_index(plain):
            self.indexes[name] = str(sql)

    def drop_index(self, operation: DropIndex) -> None:
        held = self.indexes, self.gone_indexes
        found = next(((of, one) for of in held for one in of if same_name(one, operation.name)), None)
        if found is not None:
            del found[0][found[1]]
        elif not operation.if_exists:
            raise ObjectMissing(f"there is no index {operation.name} on {self.name}")

    @property
    def lost(self) -> list[str]:
        """The dropped columns of which there is none of the same name again."""
        present = column_names(self.editor.parsed)
        return [name for name in self.dropped if folded(name) not in present]

    def verify(self) -> None:
        """Raise OperationRefused when something that stays in the table mentions a dropped column."""
        for name in self.lost:
            user = user_of(name, self.after)
            if user is not None:
                raise OperationRefused(
                    f"cannot drop column {self.name}.{name}: {user} uses it", hint=f"drop {user} first"
                )


def replace_constraints(table: Table, found: list[Constraint]) -> Table:
    """The table with these constraints."""
    for constraint in found:
        table = table.with_constraint(constraint)
    return table


def _described(constraint: Constraint) -> str:
    kind = constraints.KINDS[type(constraint)].replace("foreignkey", "foreign key")
    text = getattr(constraint, "expression", None) or ", ".join(getattr(constraint, "columns", ()))
    return f"unnamed {kind} ({text})"
