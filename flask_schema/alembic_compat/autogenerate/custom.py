"""A project's own directives on their way through the engine: they are carried along, and written by their renderer."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import QualifiedName
from flask_schema.values import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class CustomOperation(Operation):
    """An operation of a project's own. ``table`` is the one it stands with, None where it stands alone."""

    directive: ClassVar[str] = "custom_operation"
    op: Any
    autogen_context: Any = None
    table: QualifiedName | None = None

    def describe(self) -> str:
        """The tuple that the project's class says of itself, or the name of the class."""
        try:
            said = self.op.to_diff_tuple()
        except NotImplementedError:
            return type(self.op).__name__
        return " ".join(str(one) for one in said) if isinstance(said, tuple) else str(said)

    def invert(self) -> CustomOperation:
        """What the project's class says is the way back."""
        return CustomOperation(self.op.reverse(), self.autogen_context, self.table)
