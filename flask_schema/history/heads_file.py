"""The tracked heads file: one line a head, so that git itself reports a conflict when two people add a revision."""

from __future__ import annotations

import re

from flask_schema.history.graph import Graph

_COMMENT = (
    "# The newest revision(s), written by flask db. A merge conflict here means that two people added a revision:\n"
    "# keep both revision files, run 'flask db rebase' or 'flask db merge heads', and the file is written anew.\n"
)
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?: |$)")


def format_heads(graph: Graph) -> str:
    """Return the content of the heads file: each head's id and message, sorted by id."""
    lines = [f"{head} {graph.revisions[head].message}".rstrip() for head in sorted(graph.heads)]
    return _COMMENT + "".join(f"{line}\n" for line in lines)


def parse_heads(text: str) -> tuple[tuple[str, ...], bool]:
    """Return the ids in a heads file, of both sides where git left a conflict, and whether it did."""
    lines = [line.strip() for line in text.splitlines()]
    is_conflict = any(_CONFLICT.match(line) for line in lines)
    ids = [line.split()[0] for line in lines if line and not line.startswith("#") and not _CONFLICT.match(line)]
    return tuple(dict.fromkeys(ids)), is_conflict


def compare_heads(graph: Graph, text: str) -> tuple[str, ...]:
    """Return what is wrong with a heads file, as sentences; empty when it says what the revision files say."""
    written, is_conflict = parse_heads(text)
    found = set(graph.heads)
    problems = ["the heads file holds a merge conflict"] if is_conflict else []
    problems += [f"{head} is a head and not in the heads file" for head in sorted(found - set(written))]
    problems += [f"{head} is in the heads file and no head" for head in sorted(set(written) - found)]
    return tuple(problems)
