"""Directive classes that hold others: a table's changes, the two functions of a file, the file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from flask_schema.alembic_compat.operations.migrate_operation import MigrateOperation

_Ops = TypeVar("_Ops", bound="OpContainer")


class OpContainer(MigrateOperation):
    """Directives in ``ops``, to be looked at, changed, added and removed."""

    def __init__(self, ops: Iterable[MigrateOperation] = ()) -> None:
        self.ops: list[Any] = list(ops)

    def is_empty(self) -> bool:
        """Whether it holds nothing."""
        return not self.ops

    def as_diffs(self) -> list[Any]:
        """The tuples of all directives in it, those of containers among them included."""
        return list(self._diffs())

    def _diffs(self) -> Iterator[Any]:
        for one in self.ops:
            if isinstance(one, OpContainer):
                yield from one._diffs()
            else:
                yield one.to_diff_tuple()

    def _reversed(self) -> list[MigrateOperation]:
        return [one.reverse() for one in reversed(self.ops)]


class ModifyTableOps(OpContainer):
    """Directives about one table."""

    def __init__(self, table_name: str, ops: Iterable[MigrateOperation], *, schema: str | None = None) -> None:
        super().__init__(ops)
        self.table_name = table_name
        self.schema = schema

    def reverse(self) -> ModifyTableOps:
        """The way back."""
        return ModifyTableOps(self.table_name, ops=self._reversed(), schema=self.schema)


class UpgradeOps(OpContainer):
    """What ``upgrade()`` does; ``upgrade_token`` is the template's variable for it."""

    def __init__(self, ops: Iterable[MigrateOperation] = (), upgrade_token: str = "upgrades") -> None:  # noqa: S107
        super().__init__(ops)
        self.upgrade_token = upgrade_token

    def reverse_into(self, downgrade_ops: DowngradeOps) -> DowngradeOps:
        """Put the way back into ``downgrade_ops``, which is returned."""
        downgrade_ops.ops[:] = self._reversed()
        return downgrade_ops

    def reverse(self) -> DowngradeOps:
        """The way back."""
        return self.reverse_into(DowngradeOps())


class DowngradeOps(OpContainer):
    """What ``downgrade()`` does; ``downgrade_token`` is the template's variable for it."""

    def __init__(self, ops: Iterable[MigrateOperation] = (), downgrade_token: str = "downgrades") -> None:  # noqa: S107
        super().__init__(ops)
        self.downgrade_token = downgrade_token

    def reverse(self) -> UpgradeOps:
        """The way forth."""
        return UpgradeOps(ops=self._reversed())


class MigrationScript(MigrateOperation):
    """A revision file to be written.

    ``upgrade_ops_list`` and ``downgrade_ops_list`` have an entry a database. ``version_path`` is the directory
    for the file, None for the usual one.
    """

    _needs_render: bool | None = None

    def __init__(
        self,
        rev_id: str | None,
        upgrade_ops: UpgradeOps | list[UpgradeOps],
        downgrade_ops: DowngradeOps | list[DowngradeOps],
        *,
        message: str | None = None,
        imports: set[str] | None = None,
        head: str | Sequence[str] | None = None,
        splice: bool | None = None,
        branch_label: str | Sequence[str] | None = None,
        version_path: str | os.PathLike[str] | None = None,
        depends_on: str | Sequence[str] | None = None,
    ) -> None:
        self.rev_id = rev_id
        self.message = message
        self.imports: set[str] = imports if imports is not None else set()
        self.head = head
        self.splice = splice
        self.branch_label = branch_label
        self.version_path = Path(version_path).as_posix() if version_path else None
        self.depends_on = depends_on
        self._upgrade_ops = _several(upgrade_ops, UpgradeOps)
        self._downgrade_ops = _several(downgrade_ops, DowngradeOps)

    @property
    def upgrade_ops(self) -> Any:
        """What ``upgrade()`` does, None for nothing. Raises ValueError with several databases."""
        return _single(self._upgrade_ops, "upgrade_ops")

    @upgrade_ops.setter
    def upgrade_ops(self, value: UpgradeOps | list[UpgradeOps]) -> None:
        self._upgrade_ops = _several(value, UpgradeOps)

    @property
    def downgrade_ops(self) -> Any:
        """What ``downgrade()`` does, None for nothing. Raises ValueError with several databases."""
        return _single(self._downgrade_ops, "downgrade_ops")

    @downgrade_ops.setter
    def downgrade_ops(self, value: DowngradeOps | list[DowngradeOps]) -> None:
        self._downgrade_ops = _several(value, DowngradeOps)

    @property
    def upgrade_ops_list(self) -> list[UpgradeOps]:
        """What the upgrade does, an entry a database."""
        return self._upgrade_ops

    @property
    def downgrade_ops_list(self) -> list[DowngradeOps]:
        """What the downgrade does, an entry a database."""
        return self._downgrade_ops


def _several(value: Any, kind: type[_Ops]) -> list[_Ops]:
    found = list(value) if isinstance(value, (list, tuple)) else [] if value is None else [value]
    for one in found:
        if not isinstance(one, kind):
            raise TypeError(f"expected {kind.__name__}, got {type(one).__name__}")
    return found


def _single(found: list[_Ops], name: str) -> _Ops | None:
    if len(found) > 1:
        raise ValueError(f"this MigrationScript is for several databases; use {name}_list")
    return found[0] if found else None
