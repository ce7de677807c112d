"""Renames that the user decided on, ``--rename old:new``, among several databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from flask_schema.diff.renames import Rename, parse_rename
from flask_schema.errors import UsageError
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass


@dataclass(slots=True)
class DecidedRenames:
    """``texts`` as they were typed: each has to fit in one of the databases, and may fit in several."""

    texts: Sequence[str] = ()
    _fitting: set[str] = field(default_factory=set)
    _misfits: dict[str, UsageError] = field(default_factory=dict)

    def of(self, before: Snapshot, after: Snapshot) -> list[Rename]:
        """Those that fit one database and its models."""
        found = []
        for text in self.texts:
            try:
                found.append(parse_rename(text, before, after))
                self._fitting.add(text)
            except UsageError as error:
                self._misfits.setdefault(text, error)
        return found

    def verify(self) -> None:
        """Raise the UsageError of one that has fitted nowhere."""
        for text, error in self._misfits.items():
            if text not in self._fitting:
                raise error
