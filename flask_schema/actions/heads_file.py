"""Keeping the tracked heads file, for projects with the setting ``heads_file``."""

from __future__ import annotations

from pathlib import Path

from flask_schema.history.heads_file import compare_heads, format_heads
from flask_schema.history.history import History
from flask_schema.project import Project


def find_problems(project: Project) -> tuple[str, ...]:
    """Return what is wrong with the heads file, as sentences; nothing where none is kept."""
    if not project.settings.heads_file:
        return ()
    try:
        text = project.heads_path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ("the heads file is missing; it is written with the next revision",)
    return compare_heads(project.history.graph, text)


def keep_heads_file(project: Project) -> Path | None:
    """Write the heads file anew from the revision files as they are now; None where none is kept."""
    if not project.settings.heads_file:
        return None
    history: History = project.reload_history()
    draft = project.heads_path.with_name(".heads.draft")
    draft.write_text(format_heads(history.graph), encoding="utf-8")
    return draft.replace(project.heads_path)
