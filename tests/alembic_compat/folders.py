"""Projects on disk as Alembic's and Flask-Migrate's users have them: an ini file, an ``env.py``, revision files."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from flask_schema.actions.check import check
from flask_schema.actions.current import DatabaseState, current
from flask_schema.actions.downgrade import downgrade
from flask_schema.actions.revision import RevisionResult, revision
from flask_schema.actions.upgrade import upgrade
from flask_schema.config.alembic_files import named_alembic_files
from flask_schema.project import Project
from flask_schema.runtime.progress import RunResult

SCRIPT = '''"""{message}"""

from alembic import op
import sqlalchemy as sa
{head}
revision = {revision!r}
down_revision = {parent!r}


def upgrade({arguments}):
    {up}


def downgrade({arguments}):
    {down}
'''

TEMPLATE = '''"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
"""
from alembic import op
import sqlalchemy as sa
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
'''

TEMPLATE_OF_SEVERAL = '''<%! import re %>"""${message}"""
from alembic import op
import sqlalchemy as sa
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade(engine_name):
    globals()["upgrade_%s" % engine_name]()


def downgrade(engine_name):
    globals()["downgrade_%s" % engine_name]()

% for name in re.split(r",\\s*", config.get_main_option("databases")):

def upgrade_${name}():
    ${context.get("%s_upgrades" % name, "pass")}


def downgrade_${name}():
    ${context.get("%s_downgrades" % name, "pass")}

% endfor
'''


class Folder:
    """A project of plain Alembic in ``root``, which has to be the current folder; ``add`` writes the next revision."""

    def __init__(self, root: Path, env: str | None, ini: str, template: str = TEMPLATE) -> None:
        self.root = root
        self.migrations = root / "migrations"
        self.versions = self.migrations / "versions"
        self.versions.mkdir(parents=True)
        if env is not None:
            (self.migrations / "env.py").write_text(env, encoding="utf-8")
        (self.migrations / "script.py.mako").write_text(template, encoding="utf-8")
        (root / "alembic.ini").write_text(ini, encoding="utf-8")
        self.revisions: list[str] = []

    def add(self, up: str, down: str = "pass", *, head: str = "", arguments: str = "") -> str:
        """A revision of two function bodies; its id is returned."""
        name = f"r{len(self.revisions) + 1}"
        parent = self.revisions[-1] if self.revisions else None
        text = SCRIPT.format(
            message=name, revision=name, parent=parent, up=up, down=down, head=head, arguments=arguments
        )
        (self.versions / f"{name}.py").write_text(text, encoding="utf-8")
        self.revisions.append(name)
        return name

    def project(self, section: str = "alembic", x_arguments: Sequence[str] = (), files: Sequence[str] = ()) -> Project:
        return Project.without_app(x_arguments=x_arguments, alembic_files=named_alembic_files(files, {}, section))

    def upgrade(self, target: str = "head", **chosen: str) -> RunResult:
        return upgrade(self.project(**chosen), target)

    def downgrade(self, target: str = "-1") -> RunResult:
        return downgrade(self.project(), target)

    def sql(self, target: str = "head") -> str:
        output = io.StringIO()
        upgrade(self.project(), target, sql=True, output=output)
        return output.getvalue()

    def autogenerate(self, message: str = "changes") -> RevisionResult:
        return revision(self.project(), message, autogenerate=True)

    def current(self) -> tuple[DatabaseState, ...]:
        return current(self.project())

    def check(self) -> tuple[str, ...]:
        return check(self.project())


def tables_in(url: str) -> list[str]:
    """The names of the tables, without the version table."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    found = sa.inspect(engine).get_table_names()
    engine.dispose()
    return sorted(set(found) - {"alembic_version"})


def rows_in(url: str, sql: str) -> list[tuple[object, ...]]:
    """The rows of a query."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(sa.text(sql))]
    engine.dispose()
    return found
