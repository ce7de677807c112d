"""Which scripts reach nothing but ``op`` and its connection."""

from __future__ import annotations

from pathlib import Path

import pytest

from flask_schema.scripts.load import load_file
from flask_schema.scripts.self_contained import is_self_contained

HEAD = "from typing import Union\nimport sqlalchemy as sa\nfrom sqlalchemy.dialects import postgresql\n"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("from alembic import op\ndef upgrade():\n    op.add_column('t', sa.Column('a', sa.Integer))\n", True),
        ("import datetime, uuid\nt = sa.table('t', sa.column('a'))\nSIZES = {'a': [1]}\ndef upgrade(): pass\n", True),
        (
            "from flask_schema import op\ndef upgrade():\n    for r in op.get_bind().execute(sa.text('')): print(r)",
            True,
        ),
        ("import os\ndef upgrade(): pass\n", False),
        ("from tests.scenarios import projects\ndef upgrade(): pass\n", False),
        ("from tests.scenarios.projects import REVISION, Place\ndef upgrade(): pass\n", False),
        ("def upgrade():\n    import shutil\n", False),
        ("def upgrade():\n    def inner():\n        import shutil\n    inner()\n", False),
        ("def helper(bind):\n    bind.commit()\ndef upgrade(): pass\n", False),
        ("def upgrade():\n    [one.engine for one in ()]\n", False),
        ("def upgrade():\n    __import__('os')\n", False),
        ("class Model:\n    pass\ndef upgrade(): pass\n", False),
    ],
)
def test_what_a_script_reaches(tmp_path: Path, text: str, answer: bool) -> None:
    path = tmp_path / "0a_file.py"
    path.write_text(HEAD + text)
    assert is_self_contained(load_file(path)) is answer
