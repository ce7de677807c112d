"""What a revision file reaches through a package that it imports."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flask_schema.scripts.load import load_module

SCRIPT = """
import reached_shop

def upgrade():
    return [{what} for _ in range(1)]
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "reached_shop"
    (folder / "models").mkdir(parents=True)
    for file in ("__init__.py", "models/__init__.py"):
        (folder / file).write_text("", encoding="utf-8")
    (folder / "models" / "customers.py").write_text("NAME = 'customer'\n", encoding="utf-8")
    (folder / "server.py").write_text("raise RuntimeError('started')\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in [one for one in sys.modules if one.partition(".")[0] == "reached_shop"]:
        del sys.modules[name]


def run(folder: Path, what: str) -> object:
    file = folder / "a1.py"
    file.write_text(SCRIPT.format(what=what), encoding="utf-8")
    return load_module(file).upgrade()


def test_it_is_imported_though_the_file_imports_the_package_only(shop: Path) -> None:
    assert run(shop, "reached_shop.models.customers.NAME") == ["customer"]


def test_other_modules_of_the_package_are_not(shop: Path) -> None:
    assert run(shop, "reached_shop.models.customers.NAME.replace('server', '')") == ["customer"]
    assert "reached_shop.server" not in sys.modules


def test_what_is_not_there_is_the_scripts_affair(shop: Path) -> None:
    with pytest.raises(AttributeError, match="customer_ids"):
        run(shop, "reached_shop.models.customer_ids")
    with pytest.raises(AttributeError, match="server"):
        run(shop, "reached_shop.server")
