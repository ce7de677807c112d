"""What ``on_version_apply`` is told about a step."""

from __future__ import annotations

from typing import Any

from flask_schema.history.routes import Stamp, Step
from flask_schema.values import dataclass


@dataclass(frozen=True, slots=True)
class MigrationInfo:
    """A step that was taken. "up" and "down" are the newer and the older side, whichever way the step went.

    ``revision_map`` has ``get_revision(id)`` and ``get_revisions(ids)``; it is None outside an environment.
    """

    taken: Step | Stamp
    revision_map: Any = None

    @property
    def is_upgrade(self) -> bool:
        """Whether it went up."""
        return self.taken.direction == "upgrade"

    @property
    def is_stamp(self) -> bool:
        """Whether only the version table was written."""
        return isinstance(self.taken, Stamp)

    @property
    def is_migration(self) -> bool:
        """Whether a script was run."""
        return not self.is_stamp

    @property
    def up_revision_ids(self) -> tuple[str, ...]:
        """The revision that was run; of a stamp the rows on the newer side, sorted."""
        if isinstance(self.taken, Step):
            return (self.taken.revision.revision,)
        return tuple(sorted(self.taken.insert_heads if self.is_upgrade else self.taken.delete_heads))

    @property
    def up_revision_id(self) -> str | None:
        """The first of ``up_revision_ids``."""
        return next(iter(self.up_revision_ids), None)

    @property
    def down_revision_ids(self) -> tuple[str, ...]:
        """The revision's parents and dependencies; of a stamp the rows on the older side, sorted."""
        if isinstance(self.taken, Step):
            return tuple(dict.fromkeys((*self.taken.revision.down_revisions, *self.taken.revision.depends_on)))
        return tuple(sorted(self.taken.delete_heads if self.is_upgrade else self.taken.insert_heads))

    @property
    def source_revision_ids(self) -> tuple[str, ...]:
        """The side that the step came from."""
        return self.down_revision_ids if self.is_upgrade else self.up_revision_ids

    @property
    def destination_revision_ids(self) -> tuple[str, ...]:
        """The side that the step went to."""
        return self.up_revision_ids if self.is_upgrade else self.down_revision_ids

    @property
    def up_revision(self) -> Any:
        """The first of ``up_revisions``, None where there is none."""
        return next(iter(self.up_revisions), None)

    @property
    def up_revisions(self) -> tuple[Any, ...]:
        """The revisions of ``up_revision_ids``."""
        return self._revisions(self.up_revision_ids)

    @property
    def down_revisions(self) -> tuple[Any, ...]:
        """The revisions of ``down_revision_ids``."""
        return self._revisions(self.down_revision_ids)

    @property
    def source_revisions(self) -> tuple[Any, ...]:
        """The revisions of ``source_revision_ids``."""
        return self._revisions(self.source_revision_ids)

    @property
    def destination_revisions(self) -> tuple[Any, ...]:
        """The revisions of ``destination_revision_ids``."""
        return self._revisions(self.destination_revision_ids)

    def _revisions(self, ids: tuple[str, ...]) -> tuple[Any, ...]:
        return tuple(self.revision_map.get_revisions(ids)) if self.revision_map is not None else ()
