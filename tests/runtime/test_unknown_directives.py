"""A directive that nobody knows is refused before its script has done anything."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from flask_schema.errors import MigrationFailed, NameNotMapped
from tests.runtime.sites import Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path, f"sqlite:///{tmp_path / 'app.db'}")
    made.add("op.execute('CREATE TABLE t (a INTEGER)')")
    return made


@pytest.mark.parametrize(
    ("script", "name"),
    [
        ("op.execute('CREATE TABLE u (a INTEGER)')\n    op.create_tabel('t')", "op.create_tabel"),
        ("with op.batch_alter_table('t') as batch_op:\n        batch_op.drop_colum('a')", "batch_op.drop_colum"),
        ("op.batch_alter_tables('t')", "op.batch_alter_tables"),
    ],
)
def test_it_is_refused_with_its_line(site: Site, script: str, name: str) -> None:
    revision = site.add(script)
    with pytest.raises(NameNotMapped, match=f"there is no directive {name}") as refused:
        site.upgrade()
    file = site.folder / "versions" / f"{revision}.py"
    assert refused.value.file == str(file)
    assert name in file.read_text(encoding="utf-8").splitlines()[(refused.value.line or 0) - 1]
    assert "register_operation" in str(refused.value.hint)
    assert sa.inspect(sa.create_engine(site.url)).get_table_names() == ["alembic_version", "t"]


@pytest.mark.parametrize(
    "script",
    [
        "if op.get_bind().dialect.name == 'other':\n        op.not_here()",
        "try:\n        op.not_here()\n    except AttributeError:\n        pass",
        "return\n    op.not_here()",
        "'op.not_here()'  # op.not_here()",
        "for op_ in [op]:\n        op_.execute('SELECT 1')",
    ],
)
def test_what_may_not_be_reached_is_left_alone(site: Site, script: str) -> None:
    site.add(script, "op.not_here()")
    site.upgrade()
    with pytest.raises((NameNotMapped, MigrationFailed)):
        site.downgrade()
