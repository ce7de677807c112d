"""Several threads, each with a project, an ``env.py`` and a database of its own, in one process."""

from __future__ import annotations

import builtins
import logging.config
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from flask_schema.actions.downgrade import downgrade
from flask_schema.actions.upgrade import upgrade
from flask_schema.config.alembic_files import named_alembic_files
from flask_schema.project import Project
from tests.alembic_compat.environments import GENERIC, INI
from tests.alembic_compat.folders import Folder, rows_in, tables_in

COUNT = 6


def test_threads_do_not_hear_each_other(tmp_path: Path) -> None:
    folders = []
    for number in range(COUNT):
        root = tmp_path / f"project{number}"
        root.mkdir()
        ini = INI.replace("prepend_sys_path = .\n", "").replace("{url}", f"sqlite:///{root / 'x.sqlite'}")
        folder = Folder(root, GENERIC, ini)
        folder.add(f"op.create_table('own{number}', sa.Column('id', sa.Integer))", f"op.drop_table('own{number}')")
        for step in range(5):
            folder.add(
                f"from alembic import context\n    import alembic.op as inner\n    assert inner is op\n"
                f'    inner.execute(f"INSERT INTO own{number} VALUES ({step})")\n'
                f"    assert 'project{number}/' in context.config.get_main_option('sqlalchemy.url')",
            )
        folders.append(folder)
    before = builtins.__import__, logging.config.fileConfig, list(sys.meta_path)

    def work(folder: Folder) -> None:
        files = named_alembic_files((str(folder.root / "alembic.ini"),), {})
        for _ in range(3):
            upgrade(Project.without_app(alembic_files=files))
            downgrade(Project.without_app(alembic_files=files), "base")
        upgrade(Project.without_app(alembic_files=files))

    with ThreadPoolExecutor(COUNT) as pool:
        list(pool.map(work, folders))
    assert (builtins.__import__, logging.config.fileConfig, list(sys.meta_path)) == before
    for number, folder in enumerate(folders):
        url = f"sqlite:///{folder.root / 'x.sqlite'}"
        assert tables_in(url) == [f"own{number}"]
        assert rows_in(url, f"SELECT id FROM own{number} ORDER BY id") == [(step,) for step in range(5)]
