"""How long rows live and where, and constraints that were not valid at first: what most databases have no words for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from flask_schema.dialects.statement import Statement
from flask_schema.errors import OperationRefused
from flask_schema.operations import placement
from flask_schema.operations.constraints import ValidateConstraint
from flask_schema.operations.operation import Operation

_GUARD = "guard it by op.get_context().dialect.name"


class Placement:
    """The part of the compiler for them: refused by name, unless a database's folder says otherwise."""

    database: ClassVar[str] = "this database"

    def set_row_ttl(self, operation: placement.SetRowTtl) -> Iterable[str | Statement]:
        raise self._no_row_ttl(operation)

    def remove_row_ttl(self, operation: placement.RemoveRowTtl) -> Iterable[str | Statement]:
        raise self._no_row_ttl(operation)

    def set_locality(self, operation: placement.SetLocality) -> Iterable[str | Statement]:
        raise OperationRefused(f"cannot {operation.describe()}: {self.database} has no localities", hint=_GUARD)

    def validate_constraint(self, operation: ValidateConstraint) -> Iterable[str | Statement]:
        raise OperationRefused(
            f"cannot {operation.describe()}: {self.database} has no constraints that are not valid yet", hint=_GUARD
        )

    def _no_row_ttl(self, operation: Operation) -> OperationRefused:
        return OperationRefused(
            f"cannot {operation.describe()}: {self.database} has no row-level TTL",
            hint=f"delete old rows by a job of the application, or {_GUARD}",
        )
