"""A revision file before it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from flask_schema.operations.operation import Operation
from flask_schema.scripts.page import Rendering
from flask_schema.values import dataclass


@dataclass(slots=True)
class Part:
    """The two functions of one database.

    ``name`` is the database's; ``irreversible`` the reason why there is no way down, None where there is one.
    ``tokens`` are the template's variables for both functions where ``env.py`` names them, else empty.
    """

    name: str
    upgrade: list[Operation]
    downgrade: list[Operation]
    rendering: Rendering
    irreversible: str | None = None
    tokens: tuple[str, str] = ("", "")

    @property
    def is_empty(self) -> bool:
        """Whether neither function has anything to do."""
        return not self.upgrade and not self.downgrade


@dataclass(slots=True)
class Draft:
    """What is to become a file; the fields are what ``flask db revision`` can be told.

    ``version_path`` is the directory for the file, None for the usual one. ``imports`` are statements beside those
    that the parts need.
    """

    message: str
    rev_id: str | None = None
    head: str | Sequence[str] = "head"
    splice: bool = False
    branch_label: str | Sequence[str] | None = None
    version_path: str | None = None
    depends_on: Sequence[str] = ()
    imports: set[str] = field(default_factory=set)
    parts: list[Part] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether no function has anything to do."""
        return all(part.is_empty for part in self.parts)
