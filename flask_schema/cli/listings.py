"""Revisions as lines of text: short, in full, as a graph, and as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from flask_schema.actions.listing import Listing
    from flask_schema.runtime.journal import Entry


def mark(listing: Listing) -> str:
    """A revision's id, with its labels and what is special about it in brackets."""
    marks = [", ".join(listing.labels)] if listing.labels else []
    if listing.is_head:
        marks.append("head" if listing.is_effective_head else "head, needed by another")
    if listing.is_branch_point:
        marks.append("branchpoint")
    if listing.revision.is_merge:
        marks.append("mergepoint")
    name = click.style(listing.revision.revision, fg="yellow")
    text = name + "".join(f" ({one})" for one in marks)
    return text + click.style(" (current)", fg="green", bold=True) if listing.is_current else text


def line(listing: Listing) -> str:
    """A revision as a line of the history: ``a -> b (head), message``."""
    return f"{', '.join(listing.parents) or '<base>'} -> {mark(listing)}, {_message(listing)}"


def details(listing: Listing) -> str:
    """A revision in several lines, without a blank one at the end."""
    revision = listing.revision
    rows = [("Revision", mark(listing)), ("Revises", ", ".join(listing.parents) or "<base>")]
    rows += [("Depends on", ", ".join(listing.dependencies))] if listing.dependencies else []
    rows += [("Branches into", ", ".join(listing.children))] if listing.is_branch_point else []
    rows += [("Replaces", ", ".join(revision.replaces))] if revision.replaces else []
    rows += [("Created", revision.created)] if revision.created else []
    rows += [("File", str(revision.path))] if revision.path is not None else []
    lines = [f"{name}: {value}" for name, value in rows]
    if text := _own_text(revision.docstring):
        lines += ["", *(f"    {one}".rstrip() for one in text)]
    return "\n".join(lines)


def _own_text(docstring: str) -> list[str]:
    """The docstring's lines without those that only repeat the header."""
    told = ("Revision ID:", "Revises:", "Create Date:")
    return [one for one in docstring.splitlines() if not one.startswith(told)] if docstring else []


def draw(listings: Sequence[Listing]) -> Iterator[str]:
    """The lines of a graph; ``listings`` are newest first."""
    from flask_schema.pictures.terminal_graph import draw_graph

    shown = {one.revision.revision: one for one in listings}
    return draw_graph(
        shown,
        lambda name: shown[name].parents,
        lambda name: [f"{mark(shown[name])} {_message(shown[name])}"],
    )


def as_data(listing: Listing) -> dict[str, Any]:
    """A revision for ``--json``."""
    revision = listing.revision
    return {
        "revision": revision.revision,
        "down_revisions": list(listing.parents),
        "depends_on": list(listing.dependencies),
        "branch_labels": list(listing.labels),
        "replaces": list(revision.replaces),
        "message": revision.message,
        "created": revision.created,
        "path": str(revision.path) if revision.path is not None else None,
        "is_head": listing.is_head,
        "is_current": listing.is_current,
    }


# -- runs -----------------------------------------------------------------------------------------


def run_line(entry: Entry) -> str:
    """A run as a line: when, what, how it ended, and who."""
    moment = f"{entry.started:%Y-%m-%d %H:%M:%S}"
    name = click.style(entry.revision or "<base>", fg="yellow")
    ended = click.style("failed", fg="red") if entry.outcome == "failed" else f"{entry.seconds:.2f} s"
    message = f", {entry.message}" if entry.message else ""
    return f"{moment} {entry.direction} {name}{message} ({ended}, {_whose(entry)})"


def run_details(entry: Entry) -> list[str]:
    """A run in several lines, a blank one at the end."""
    rows = [("Rows", ", ".join(entry.rows) or "<base>"), ("Tool", entry.tool)]
    rows += [("Checksum", entry.checksum)] if entry.checksum else []
    rows += [("Error", entry.error)] if entry.error else []
    return [run_line(entry), *(f"    {name}: {value}" for name, value in rows), ""]


def run_as_data(database: str, entry: Entry) -> dict[str, Any]:
    """A run for ``--json``."""
    names = (
        "revision", "direction", "message", "seconds", "outcome", "error", "user", "host", "tool", "checksum",
    )  # fmt: skip
    told = {name: getattr(entry, name) for name in names}
    return {"database": database, "started": entry.started.isoformat(), **told, "rows": list(entry.rows)}


def _whose(entry: Entry) -> str:
    return f"{entry.user}@{entry.host}" if entry.user else entry.host


def _message(listing: Listing) -> str:
    return listing.revision.message or "no message"
