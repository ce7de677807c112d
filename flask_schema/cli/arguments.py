"""Revisions as arguments: ``-1`` and ``-3:head`` are values and no options."""

from __future__ import annotations

import re
from typing import Any

import click

_STEPS = re.compile(r"-\d")
_MARK = "\u2060"
"""Put before ``-1`` while Click parses, so that it takes it for a value; invisible should it ever be printed."""


class RevisionCommand(click.Command):
    """A command whose arguments may count steps down; any other word with a minus is an option, or a mistake."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, with what begins with a minus and a digit as a value."""
        rest = super().parse_args(ctx, [f"{_MARK}{word}" if _STEPS.match(word) else word for word in args])
        ctx.params = {name: _unmarked(value) for name, value in ctx.params.items()}
        return rest


def _unmarked(value: Any) -> Any:
    if isinstance(value, str):
        return value.removeprefix(_MARK)
    if isinstance(value, tuple):
        return tuple(_unmarked(one) for one in value)
    return value
