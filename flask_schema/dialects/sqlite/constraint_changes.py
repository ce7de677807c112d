"""What operations on constraints make of one table's text; a constraint is found by its name or by what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask_schema.dialects.sqlite import create_table as parts
from flask_schema.dialects.sqlite.create_table import Clause, ColumnText
from flask_schema.dialects.sqlite.nameless import nameless, nameless_drops
from flask_schema.dialects.sqlite.new_columns import lists_values
from flask_schema.dialects.sqlite.table_state import TableState, replace_constraints
from flask_schema.dialects.sqlite.tokens import expression_key, quoted, same_name
from flask_schema.dialects.sqlite.twins import later_twins, unnamed_twin
from flask_schema.errors import ObjectMissing, OperationRefused
from flask_schema.operations import constraints, renames
from flask_schema.operations.constraints import KINDS, DropConstraint
from flask_schema.operations.operation import Operation
from flask_schema.operations.tables import AlterTableOptions
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Constraint,
    ForeignKey,
    Options,
    Table,
)
from flask_schema.values import dataclass


@dataclass(slots=True)
class ConstraintChanges(TableState):
    """The part of an alteration that changes constraints."""

    def look_ahead(self, operations: Sequence[Operation]) -> None:
        """Find the kinds of which all constraints without a name are to be dropped."""
        asked = nameless_drops(operations)
        if asked:
            there = nameless(self.table().constraints)
            self.emptied = frozenset(kind for (_, kind), number in asked.items() if number == there[kind])

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
    create_exclude_constraint = _create_constraint

    def create_check_constraint(self, operation: constraints.CreateConstraint) -> None:
        """One that lists the values of a new type replaces the unnamed one that listed those of the old."""
        said = getattr(operation.constraint, "expression", "")
        for name in self.retyped:
            if lists_values(said, name):
                self._drop_lists_of(name)
        self._create_constraint(operation)

    def _drop_lists_of(self, name: str) -> None:
        for clause in reversed([*self.editor.parsed.clauses()]):
            if clause.kind == parts.CHECK and clause.name is None and lists_values(clause.text, name):
                self.editor.drop_clause(clause)

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
        there = nameless(self.table().constraints)[operation.kind or ""]
        if operation.name is None and there > 1:
            raise ObjectMissing(
                f"cannot {operation.describe()}: {there} of that kind are unnamed, and nothing says which is meant",
                hint="give them names: op.batch_alter_table(..., naming_convention={...}), and drop it by that",
            )
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
        found = (
            operation.find(table) or self._find_by_convention(operation, table) or self._any_unnamed(operation, table)
        )
        return next((clause for clause, one in candidates if one is found), None)

    def _any_unnamed(self, operation: DropConstraint, table: Table) -> Constraint | None:
        """The first nameless one of a kind of which all go."""
        if operation.name is not None or operation.before is not None or operation.kind not in self.emptied:
            return None
        unnamed = (one for one in table.constraints if one.name is None and KINDS[type(one)] == operation.kind)
        return next(unnamed, None)

    def _find_by_convention(self, operation: constraints.DropConstraint, table: Table) -> Constraint | None:
        """The unnamed constraint that the batch block's own naming convention gives the name."""
        if operation.name is None or not self.template.naming_convention:
            return None
        for one in table.constraints:
            named = self.compiler.conventional_name(table, one, self.template.naming_convention)
            if one.name is None and named is not None and same_name(named, operation.name):
                return one
        return None

    def drop_check_of_boolean(self, name: str) -> None:
        """``CHECK (name IN (0, 1))`` without a name is the type's own: SQLAlchemy wrote it for Boolean until 1.4."""
        keys = {expression_key(f"{written} IN (0, 1)") for written in (name, quoted(name))}
        for clause in reversed([*self.editor.parsed.clauses()]):
            if clause.kind == parts.CHECK and clause.name is None and expression_key(clause.text) in keys:
                self._drop_clause(clause)

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


def _described(constraint: Constraint) -> str:
    kind = constraints.KINDS[type(constraint)].replace("foreignkey", "foreign key")
    text = getattr(constraint, "expression", None) or ", ".join(getattr(constraint, "columns", ()))
    return f"unnamed {kind} ({text})"
