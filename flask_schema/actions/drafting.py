"""From the comparison of each database to the files that are to be written, the users' hooks in between."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from functools import partial
from importlib import import_module
from typing import Any, Protocol

from flask_schema.actions.comparing import Ask, Comparison, compare
from flask_schema.actions.decided_renames import DecidedRenames
from flask_schema.actions.declared import created_by_files
from flask_schema.actions.drafts import Draft, Part
from flask_schema.actions.going_back import way_back
from flask_schema.actions.one_time_values import AskValue, with_values
from flask_schema.actions.own_schemas import tables_of_files
from flask_schema.actions.rendering import rendering_of
from flask_schema.actions.type_changes import type_changes
from flask_schema.diff.renames import Rename
from flask_schema.errors import Irreversible, NotAtHead
from flask_schema.history.routes import upgrade_route
from flask_schema.project import Project
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.replaying import schema_of_files
from flask_schema.runtime.visits import database_name, database_url, visit
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass

_BRIDGE = "flask_schema.alembic_compat.autogenerate.bridge"
_ASKED_FOR = ("flask_schema.alembic_compat.autogenerate.api", "alembic.autogenerate.compare")


class Bridge(Protocol):
    """Shows drafts to the users' hooks, in the classes that they know from Alembic."""

    def add(self, context: MigrationContext, comparison: Comparison, name: str, heads: Sequence[str]) -> list[str]:
        """Put one database's comparison into the drafts, and call the hooks; notes for the user are returned."""

    def drafts(self) -> list[Draft]:
        """What the hooks made of it, in order; empty when they want no file."""


@dataclass(slots=True)
class Drafting:
    """Collects what the databases need. ``offline``: they are what the revision files make them.

    ``ask_value`` is asked what rows get in a new column that must not be NULL. ``hook`` is one more
    ``process_revision_directives``, called before that of the context.
    """

    project: Project
    draft: Draft
    renames: Sequence[str] = ()
    ask: Ask | None = None
    offline: bool = False
    hook: Callable[..., Any] | None = None
    ask_value: AskValue | None = None
    notes: list[str] = field(default_factory=list)
    guesses: list[Rename] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    _decided_renames: DecidedRenames = field(init=False)
    _bridges: list[tuple[Any, Bridge]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._decided_renames = DecidedRenames(self.renames)

    def visit_all(self, arguments: Mapping[str, Any], *, autogenerate: bool = True) -> None:
        """Go through the databases; without ``autogenerate`` only to let the hooks see an empty revision.

        Raises NotAtHead when one is behind the files, UsageError for a rename that fits in none of them.
        """
        work = self._compare if autogenerate else self._show
        visit(self.project, work, output=io.StringIO() if self.offline else None, arguments=arguments)
        self._decided_renames.verify()

    def _show(self, context: MigrationContext, keywords: Mapping[str, Any]) -> None:
        nothing = Snapshot(context.impl.name)
        if self.hook is not None or context.opts.get("process_revision_directives") is not None:
            self._take(context, keywords, Comparison((), nothing, nothing), context.get_current_heads())

    def _compare(self, context: MigrationContext, keywords: Mapping[str, Any]) -> None:
        graph = self.project.history.graph
        name = database_name(context, keywords)
        if self.offline:
            rows: Sequence[str] = graph.heads
            files = schema_of_files(graph, context.impl, name, context.opts)
            self.notes += files.notes
            comparison = self._decided(
                lambda **given: compare(context, before=files.snapshot, owned=self._owned, **given)
            )
        else:
            rows = context.get_current_heads()
            _check_at_head(context, rows, len(upgrade_route(graph, rows, "heads")))
            comparison = self._decided(
                partial(compare, context, owned=self._owned, own_tables=partial(tables_of_files, self.project.history))
            )
        if self.ask_value is not None:
            comparison = replace(comparison, operations=with_values(comparison.operations, self.ask_value))
        self.notes += [*type_changes(comparison.operations, context.impl), *comparison.notes]
        self.guesses += comparison.guesses
        if not comparison.operations:
            self.why.append(why_nothing(name, comparison, rows))
        self._take(context, keywords, comparison, rows)

    def _owned(self) -> frozenset[tuple[str, str]]:
        return created_by_files(self.project.history)

    def _take(
        self, context: MigrationContext, keywords: Mapping[str, Any], comparison: Comparison, rows: Sequence[str]
    ) -> None:
        name = database_name(context, keywords)
        if not self.hook and not self._bridges and not needs_bridge(context.opts):
            self.draft.parts.append(part_of(context, comparison, name))
            return
        environment = context.environment_context
        if not self._bridges or self._bridges[-1][0] is not environment:  # one env.py may go through several databases
            self._bridges.append((environment, import_module(_BRIDGE).Hooked(self.draft, self.hook)))
        self.notes += self._bridges[-1][1].add(context, comparison, name, rows)

    def _decided(self, compared: Callable[..., Comparison]) -> Comparison:
        """The comparison with the renames that the user decided on."""
        if not self.renames:
            return compared(ask=self.ask)
        first = compared()
        return compared(renames=self._decided_renames.of(first.before, first.after), ask=self.ask)

    def drafts(self) -> list[Draft]:
        """The files to be written, with what the hooks changed."""
        if not self._bridges:
            return [self.draft]
        found: list[Draft] = [self.draft] if self.draft.parts else []
        for _, bridge in self._bridges:
            for place, draft in enumerate(bridge.drafts()):
                if place == len(found):
                    found.append(draft)
                else:
                    found[place] = replace(draft, parts=[*found[place].parts, *draft.parts])
        if not self.why and (not found or all(one.is_empty for one in found)):
            self.why.append("process_revision_directives left nothing to write.")
        return found


def needs_bridge(opts: Mapping[str, Any]) -> bool:
    """Whether Alembic's directive classes are asked for: by a hook, by plugins, or by code that imported them."""
    wanted = opts.get("process_revision_directives") or opts.get("autogenerate_plugins")
    return bool(wanted) or any(name in sys.modules for name in _ASKED_FOR)


def part_of(context: MigrationContext, comparison: Comparison, name: str) -> Part:
    """A comparison as the functions of a file, with the way back."""
    up = list(comparison.operations)
    rendering = rendering_of(context, comparison.guesses)
    tokens = tokens_of(context.opts)
    try:
        return Part(name, up, list(way_back(up, context.impl)), rendering, tokens=tokens)
    except Irreversible as error:
        return Part(name, up, [], rendering, error.message, tokens)


def tokens_of(opts: Mapping[str, Any]) -> tuple[str, str]:
    """The template's variables that ``env.py`` names, ``upgrade_token="x_upgrades"``; empty for the usual ones."""
    up, down = (opts.get(name) or "" for name in ("upgrade_token", "downgrade_token"))
    return ("" if up == "upgrades" else up, "" if down == "downgrades" else down)


def _check_at_head(context: MigrationContext, rows: Sequence[str], pending: int) -> None:
    if pending and rows:
        raise NotAtHead(
            f"the database {database_url(context)} is {pending} revisions behind the files",
            hint="run 'flask db upgrade' first, so that only what is new is compared",
        )
    if pending:
        raise NotAtHead(
            f"the database {database_url(context)} has none of the {pending} revisions",
            hint="run 'flask db upgrade' first; or 'flask db stamp head' if its tables were made otherwise",
        )


def why_nothing(name: str, comparison: Comparison, rows: Sequence[str]) -> str:
    """The reason why there is nothing to write, as a sentence."""
    name = name or "the database"
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
