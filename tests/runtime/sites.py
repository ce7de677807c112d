"""Applications with revision files, for tests that run them on a real database."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from flask_schema import Migrate, downgrade, init, upgrade
from flask_schema.operations.operation import Operation
from flask_schema.scripts.page import Rendering
from flask_schema.scripts.source import render_operations


class Site:
    """An application on one database; ``add`` writes the next revision."""

    def __init__(self, folder: Path, url: str) -> None:
        self.app = Flask("site")
        self.url = url
        self.folder = folder / "migrations"
        self.revisions: list[str] = []
        Migrate(self.app, sa.MetaData(), directory=self.folder, url=url)
        with self.app.app_context():
            init()

    def add(self, up: str, down: str = "pass", head: str = "") -> str:
        """A revision of two function bodies, indented by four columns but for their first lines; its name is returned."""
        before = self.revisions[-1] if self.revisions else None
        name = f"a{len(self.revisions) + 1}"
        text = (
            f"import sqlalchemy as sa\nfrom flask_schema import op\n{head}\nrevision = {name!r}\n"
            f"down_revision = {before!r}\n\n\ndef upgrade():\n    {up or 'pass'}\n\n\ndef downgrade():\n    {down or 'pass'}\n"
        )
        (self.folder / "versions" / f"{name}.py").write_text(text, encoding="utf-8")
        self.revisions.append(name)
        return name

    def add_operations(self, up: Sequence[Operation], down: Sequence[Operation]) -> str:
        """A revision written from operations."""
        rendering = Rendering(python_type=lambda sql: sa.types.NullType())
        return self.add(render_operations(up, rendering).body, render_operations(down, rendering).body)

    def upgrade(self, target: str = "head") -> None:
        with self.app.app_context():
            upgrade(revision=target)

    def downgrade(self, target: str = "-1") -> None:
        with self.app.app_context():
            downgrade(revision=target)

    def sql(self, target: str = "head") -> str:
        """The upgrade as SQL text."""
        output = io.StringIO()
        with self.app.app_context():
            upgrade(revision=target, sql=True, output=output)
        return output.getvalue()
