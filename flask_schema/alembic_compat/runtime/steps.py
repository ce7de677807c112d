"""Steps of a way through the history as programs hold them, and the rows of the version table as they take them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from flask_schema.alembic_compat.util.langhelpers import to_tuple
from flask_schema.errors import Irreversible
from flask_schema.history.routes import Direction, Stamp, Step
from flask_schema.runtime.information import MigrationInfo

if TYPE_CHECKING:
    from flask_schema.alembic_compat.script.map import RevisionMap


class MigrationStep:
    """One step: a revision to run, or a stamp."""

    revision_map: Any
    is_upgrade: bool
    doc: str | None = None

    @classmethod
    def upgrade_from_script(cls, revision_map: RevisionMap, script: Any) -> RevisionStep:
        """Return the upgrade of a script."""
        return RevisionStep(revision_map, script, True)

    @classmethod
    def downgrade_from_script(cls, revision_map: RevisionMap, script: Any) -> RevisionStep:
        """Return the downgrade of a script."""
        return RevisionStep(revision_map, script, False)

    @property
    def is_downgrade(self) -> bool:
        """Whether it goes down."""
        return not self.is_upgrade

    @property
    def direction(self) -> Direction:
        """``upgrade`` or ``downgrade``."""
        return "upgrade" if self.is_upgrade else "downgrade"

    @property
    def name(self) -> str:
        """What it does, in a word."""
        return str(self.direction)

    @property
    def from_revisions_no_deps(self) -> tuple[str, ...]:
        """The side that it comes from."""
        raise NotImplementedError

    @property
    def to_revisions_no_deps(self) -> tuple[str, ...]:
        """The side that it goes to."""
        raise NotImplementedError

    def as_step(self, rows: Collection[str]) -> Step | Stamp:
        """Return the engine's step from these rows of the version table."""
        raise NotImplementedError

    def change(self, rows: Collection[str]) -> tuple[frozenset[str], frozenset[str]]:
        """Return the rows that go and those that come when it is taken from ``rows``."""
        step = self.as_step(rows)
        return step.delete_heads, step.insert_heads

    @property
    def info(self) -> MigrationInfo:
        """What ``on_version_apply`` is told about it."""
        return MigrationInfo(self.as_step(self.from_revisions_no_deps), self.revision_map)

    @property
    def short_log(self) -> str:
        """It in a line, without the message."""
        ends = (", ".join(self.from_revisions_no_deps), ", ".join(self.to_revisions_no_deps))
        return f"{self.name} {ends[0]} -> {ends[1]}"

    def __str__(self) -> str:
        return f"{self.short_log}, {self.doc}" if self.doc else self.short_log


class RevisionStep(MigrationStep):
    """The upgrade or downgrade of one script."""

    def __init__(self, revision_map: RevisionMap, revision: Any, is_upgrade: bool) -> None:
        self.revision_map = revision_map
        self.revision = revision
        self.is_upgrade = is_upgrade
        self._planned: Step | None = None

    @classmethod
    def _of(cls, revision_map: RevisionMap, step: Step) -> RevisionStep:
        """Return the step of a route, which knows already what it does to the rows."""
        script: Any = revision_map._nodes.get(step.revision.revision)
        if script is None:  # a revision that is set aside, run by a database in the middle of a squashed range
            script = step.revision
        made = cls(revision_map, script, step.direction == "upgrade")
        made._planned = step
        return made

    @property
    def migration_fn(self) -> Callable[..., Any]:
        """The script's function. Raises :class:`Irreversible` where it has none."""
        function: Callable[..., Any] | None = getattr(self.revision.module, self.direction, None)
        if function is None:
            raise Irreversible(f"the revision {self.revision.revision} has no {self.direction}() function")
        return function

    @property
    def doc(self) -> str | None:  # type: ignore[override]
        """The script's message."""
        return str(self.revision.doc)

    def __repr__(self) -> str:
        return f"RevisionStep({self.revision.revision!r}, is_upgrade={self.is_upgrade!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RevisionStep):
            return False
        return other.revision is self.revision and other.is_upgrade == self.is_upgrade

    def __hash__(self) -> int:
        return hash((self.revision.revision, self.is_upgrade))

    @property
    def _below(self) -> tuple[str, ...]:
        return self.revision_map.graph.steps_down(self.revision.revision)  # type: ignore[no-any-return]

    @property
    def from_revisions(self) -> tuple[str, ...]:
        """The side that it comes from, dependencies included."""
        return self._below if self.is_upgrade else (self.revision.revision,)

    @property
    def to_revisions(self) -> tuple[str, ...]:
        """The side that it goes to, dependencies included."""
        return (self.revision.revision,) if self.is_upgrade else self._below

    @property
    def from_revisions_no_deps(self) -> tuple[str, ...]:
        """The side that it comes from."""
        return tuple(self.revision._versioned_down_revisions) if self.is_upgrade else (self.revision.revision,)

    @property
    def to_revisions_no_deps(self) -> tuple[str, ...]:
        """The side that it goes to."""
        return (self.revision.revision,) if self.is_upgrade else tuple(self.revision._versioned_down_revisions)

    def as_step(self, rows: Collection[str]) -> Step:
        """Return the engine's step from these rows of the version table."""
        planned = self._planned
        if planned is not None and planned.delete_heads <= set(rows):
            return planned
        graph = self.revision_map.graph
        own = self.revision.revision
        below = {*graph.parents(own), *graph.dependencies(own)}
        if self.is_upgrade:
            gone, come = frozenset(below & set(rows)), frozenset([own])
        else:
            left = graph.ancestors(rows, dependencies=True) - {own}
            bare = (one for one in below if left.isdisjoint((*graph.children(one), *graph.dependents(one))))
            gone, come = frozenset([own]), frozenset(bare)
        return Step(graph.revisions[own], self.direction, gone, come)


class StampStep(MigrationStep):
    """A change of the version table from the rows ``from_`` to the rows ``to_``, without a script."""

    def __init__(
        self, from_: Any, to_: Any, is_upgrade: bool, branch_move: bool, revision_map: RevisionMap | None = None
    ) -> None:
        self.from_: tuple[str, ...] = to_tuple(from_) or ()
        self.to_: tuple[str, ...] = to_tuple(to_) or ()
        self.is_upgrade = is_upgrade
        self.branch_move = branch_move
        self.revision_map = revision_map

    @classmethod
    def _of(cls, revision_map: RevisionMap, stamp: Stamp) -> StampStep:
        gone, come = tuple(sorted(stamp.delete_heads)), tuple(sorted(stamp.insert_heads))
        return cls(gone, come, stamp.direction == "upgrade", not gone or not come, revision_map)

    def migration_fn(self, **keywords: Any) -> None:
        """Do nothing: a stamp has no script."""

    stamp_revision = migration_fn

    @property
    def name(self) -> str:
        """What it does, in a word."""
        return "stamp_revision"

    def __repr__(self) -> str:
        return f"StampStep({self.from_!r}, {self.to_!r}, {self.is_upgrade!r}, {self.branch_move!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StampStep) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[Any, ...]:
        return self.from_, self.to_, self.branch_move, self.is_upgrade

    @property
    def from_revisions(self) -> tuple[str, ...]:
        """The rows that go."""
        return self.from_

    @property
    def to_revisions(self) -> tuple[str, ...]:
        """The rows that come."""
        return self.to_

    from_revisions_no_deps = from_revisions
    to_revisions_no_deps = to_revisions

    def as_step(self, rows: Collection[str]) -> Stamp:
        """Return the engine's stamp from these rows. A branch that begins or ends leaves the other side as it is."""
        begins = self.is_upgrade and (self.branch_move or not set(self.from_) <= set(rows))
        ends = self.is_downgrade and self.branch_move
        gone = frozenset(() if begins else self.from_)
        come = frozenset(() if ends else self.to_)
        target = next(iter(self.to_), None)
        graph = self.revision_map.graph if self.revision_map is not None else None
        known = graph.revisions[target] if graph is not None and target is not None and target in graph else None
        return Stamp(known, self.direction, gone, come)


class HeadMaintainer:
    """Follows the rows of the version table as steps are taken; ``heads`` are those at the moment."""

    def __init__(self, context: Any, heads: Any) -> None:
        self.context = context
        self.heads: set[str] = set(heads)

    def update_to_step(self, step: MigrationStep) -> None:
        """Write what the step does to the version table. Raises :class:`DatabaseError` for a row that is not there."""
        gone, come = step.change(self.heads)
        self.context.change_version(gone, come)
        self.heads = (self.heads - gone) | come

    def _insert_version(self, version: str) -> None:
        self._replace(frozenset(), frozenset([version]))

    def _delete_version(self, version: str) -> None:
        self._replace(frozenset([version]), frozenset())

    def _update_version(self, from_: str, to_: str) -> None:
        self._replace(frozenset([from_]), frozenset([to_]))

    def _replace(self, gone: frozenset[str], come: frozenset[str]) -> None:
        self.context.change_version(gone, come)
        self.heads = (self.heads - gone) | come
