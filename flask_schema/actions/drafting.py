"""From the comparison of each database to the files that are to be written, the users' hooks in between."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol

from flask_schema.actions.comparing import Ask, Comparison, compare
from flask_schema.actions.drafts import Draft, Part
from flask_schema.actions.rendering import rendering_of
from flask_schema.databases import Database
from flask_schema.diff.compare import invert_all
from flask_schema.diff.renames import Rename, parse_rename
from flask_schema.errors import Irreversible, NotAtHead
from flask_schema.history.routes import upgrade_route
from flask_schema.project import Project
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.environment import Environment
from flask_schema.runtime.replaying import schema_of_files

_BRIDGE = "flask_schema.alembic_compat.autogenerate.bridge"


class Bridge(Protocol):
    """Shows drafts to the users' hooks, in the classes that they know from Alembic."""

    def add(self, context: MigrationContext, comparison: Comparison, name: str, heads: Sequence[str]) -> None:
        """Put one database's comparison into the drafts, and call the hooks."""

    def drafts(self) -> list[Draft]:
        """What the hooks made of it, in order; empty when they want no file."""


@dataclass(slots=True)
class Drafting:
    """Collects what the databases need. ``offline``: they are what the revision files make them."""

    project: Project
    draft: Draft
    renames: Sequence[str] = ()
    ask: Ask | None = None
    offline: bool = False
    notes: list[str] = field(default_factory=list)
    guesses: list[Rename] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    _bridge: Bridge | None = None

    def add(self, database: Database) -> None:
        """Compare one database with its models. Raises NotAtHead when it is behind the files."""

        def work(context: MigrationContext, _: Mapping[str, Any]) -> None:
            self._compare(database, context)

        Environment(self.project, database, work, output=io.StringIO() if self.offline else None).run()

    def _compare(self, database: Database, context: MigrationContext) -> None:
        graph = self.project.history.graph
        if self.offline:
            rows: Sequence[str] = graph.heads
            files = schema_of_files(graph, context.impl, database.name, context.opts)
            self.notes += files.notes
            comparison = self._decided(lambda **given: compare(context, before=files.snapshot, **given))
        else:
            rows = context.get_current_heads()
            _check_at_head(database, rows, len(upgrade_route(graph, rows, "heads")))
            comparison = self._decided(lambda **given: compare(context, **given))
        self.notes += comparison.notes
        self.guesses += comparison.guesses
        if not comparison.operations:
            self.why.append(why_nothing(database, comparison, rows))
        name = _part_name(context.opts, database.name)
        if self._bridge is None and needs_bridge(context.opts):
            self._bridge = import_module(_BRIDGE).Hooked(self.draft)
        if self._bridge is not None:
            self._bridge.add(context, comparison, name, rows)
        else:
            self.draft.parts.append(part_of(context, comparison, name))

    def _decided(self, compared: Callable[..., Comparison]) -> Comparison:
        """The comparison with the renames that the user decided on."""
        if not self.renames:
            return compared(ask=self.ask)
        first = compared()
        return compared(renames=[parse_rename(text, first.before, first.after) for text in self.renames], ask=self.ask)

    def drafts(self) -> list[Draft]:
        """The files to be written, with what the hooks changed."""
        if self._bridge is None:
            return [self.draft]
        found = self._bridge.drafts()
        if not found or all(one.is_empty for one in found):
            self.why.append("process_revision_directives left nothing to write.")
        return found


def needs_bridge(opts: Mapping[str, Any]) -> bool:
    """Whether Alembic's directive classes are asked for: by a hook, by plugins, or by code that imported them."""
    wanted = opts.get("process_revision_directives") or opts.get("autogenerate_plugins")
    return bool(wanted) or f"{_BRIDGE.rpartition('.')[0]}.api" in sys.modules


def part_of(context: MigrationContext, comparison: Comparison, name: str) -> Part:
    """A comparison as the functions of a file, with the way back."""
    up = list(comparison.operations)
    rendering = rendering_of(context, comparison.guesses)
    try:
        return Part(name, up, list(invert_all(up)), rendering)
    except Irreversible as error:
        return Part(name, up, [], rendering, error.message)


def _part_name(opts: Mapping[str, Any], name: str) -> str:
    """The name of a file's part: env.py may say it as Flask-Migrate's templates do, ``upgrade_token="x_upgrades"``."""
    token = str(opts.get("upgrade_token") or "upgrades")
    return token.removesuffix("upgrades").removesuffix("_") or name


def _check_at_head(database: Database, rows: Sequence[str], pending: int) -> None:
    if pending and rows:
        raise NotAtHead(
            f"the database {database.url} is {pending} revisions behind the files",
            hint="run 'flask db upgrade' first, so that only what is new is compared",
        )
    if pending:
        raise NotAtHead(
            f"the database {database.url} has none of the {pending} revisions",
            hint="run 'flask db upgrade' first; or 'flask db stamp head' if its tables were made otherwise",
        )


def why_nothing(database: Database, comparison: Comparison, rows: Sequence[str]) -> str:
    """The reason why there is nothing to write, as a sentence."""
    name = database.name or "the database"
    if not comparison.after.tables:
        return (
            f"No changes: the models of {name} have no tables. "
            "Are the modules that define them imported when the application starts?"
        )
    if not rows and comparison.before.tables:
        return (
            f"No changes: {name} has all {len(comparison.after.tables)} tables already, but no version. They were made "
            "by create_all or another tool: 'flask db revision -m baseline' and 'flask db stamp head' begin a history."
        )
    return f"No changes: {name} is what the models say."
