"""What every operation is: a frozen value that describes itself, inverts itself, and replays on a snapshot."""

from __future__ import annotations

from abc import abstractmethod
from enum import Enum as PythonEnum
from typing import ClassVar, Final, TypeVar

from flask_schema.errors import Irreversible, ObjectMissing
from flask_schema.snapshot.elements import QualifiedName, Table
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass

_Operation = TypeVar("_Operation", bound="type[Operation]")


class _Unset(PythonEnum):
    UNSET = "unset"

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = _Unset.UNSET
"""Says "not mentioned" where None would say "there is none"."""

Unset = _Unset


@dataclass(frozen=True, slots=True)
class Operation:
    """One change. It holds no connection; a dialect turns it into statements.

    ``directive`` is the name of its method on ``op``, of the compiler's and the renderer's method,
    and of its page in the reference.
    """

    directive: ClassVar[str] = ""
    destroys_data: ClassVar[bool] = False

    @abstractmethod
    def describe(self) -> str:
        """Say in a few words what changes, e.g. ``add column accounts.overdrawn``."""
        raise NotImplementedError

    def touches(self) -> frozenset[QualifiedName]:
        """The names of the tables it changes; empty when that is not known or none."""
        return frozenset()

    def invert(self) -> Operation:
        """The operation that undoes this one. Raises Irreversible where there is none."""
        raise Irreversible(f"{self.describe()} has no way back")

    def replay(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot after this operation. Raises ObjectMissing when it does not fit the snapshot."""
        return snapshot


CATALOGUE: dict[str, type[Operation]] = {}
"""All operations by directive, in the order in which they were defined."""


def operation(cls: _Operation) -> _Operation:
    """Class decorator: enter an operation in the catalogue under its directive."""
    CATALOGUE[cls.directive] = cls
    return cls


def table_of(snapshot: Snapshot, name: QualifiedName) -> Table:
    """The table ``name`` of ``snapshot``. Raises ObjectMissing."""
    table = snapshot.tables.get(name)
    if table is None:
        raise ObjectMissing(f"there is no table {name}")
    return table
