"""``flask db prune``: looks first, deletes what nobody needs, and keeps what a database still stands on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from flask_schema.history.index import FILE_NAME
from tests.cli.conftest import Site


@pytest.fixture
def squashed(site: Site) -> Site:
    """Four revisions, the first three of them squashed."""
    site.write("aaaa1111", None, 'op.create_table("a", sa.Column("id", sa.Integer))')
    site.write("bbbb2222", "aaaa1111", 'op.create_table("b", sa.Column("id", sa.Integer))')
    site.write("cccc3333", "bbbb2222", 'op.create_table("c", sa.Column("id", sa.Integer))')
    site.write("dddd4444", "cccc3333")
    return site


def files(site: Site) -> set[str]:
    return {path.stem[:4] for path in site.versions.glob("*.py")}


def test_a_look_deletes_nothing(squashed: Site) -> None:
    squashed.type("upgrade")
    squashed.type("squash", "aaaa1111:cccc3333", "--rev-id", "eeee5555")
    done = squashed.type("prune")
    assert "Would delete migrations/versions/aaaa1111.py (replaced)" in done.stdout
    assert "a database elsewhere" in done.stderr
    assert files(squashed) == {"aaaa", "bbbb", "cccc", "dddd", "eeee"}


def test_replaced_revisions_go_and_all_goes_on(squashed: Site) -> None:
    squashed.type("upgrade")
    squashed.type("squash", "aaaa1111:cccc3333", "--rev-id", "eeee5555")
    squashed.type("prune", "--yes")
    assert files(squashed) == {"dddd", "eeee"}
    assert "dddd4444 (head)" in squashed.type("current").stdout
    (squashed.folder / "data.sqlite").unlink()
    squashed.type("upgrade")
    assert squashed.names() == ["a", "b", "c"]
    assert "Nothing to delete." in squashed.type("prune", "--yes").stdout


def test_what_a_database_stands_among_is_kept(squashed: Site) -> None:
    squashed.type("upgrade", "bbbb2222")
    squashed.type("squash", "aaaa1111:cccc3333", "--rev-id", "eeee5555")
    done = squashed.type("prune", "--yes")
    assert "3 replaced revisions are kept, since a database stands at bbbb2222" in done.stderr
    assert len(files(squashed)) == 5
    squashed.type("upgrade")
    squashed.type("prune", "--yes")
    assert files(squashed) == {"dddd", "eeee"}


def test_a_database_at_the_end_of_the_range_is_past_it(squashed: Site) -> None:
    squashed.type("upgrade", "cccc3333")
    squashed.type("squash", "aaaa1111:cccc3333", "--rev-id", "eeee5555")
    squashed.type("prune", "--yes")
    squashed.type("upgrade")
    assert "dddd4444 (head)" in squashed.type("current").stdout


def test_a_range_inside_a_range(squashed: Site) -> None:
    squashed.type("upgrade", "cccc3333")
    squashed.type("squash", "aaaa1111:bbbb2222", "--rev-id", "eeee5555")
    squashed.type("squash", "eeee5555:dddd4444", "--rev-id", "ffff6666")
    squashed.type("prune", "--yes")
    assert "cccc" in files(squashed)
    assert "dddd" in files(squashed)
    squashed.type("upgrade")
    squashed.type("prune", "--yes")
    assert files(squashed) == {"ffff"}
    assert "ffff6666 (head)" in squashed.type("current").stdout


def test_caches_of_deleted_files_go(site: Site) -> None:
    site.write("aaaa1111", None)
    cache = site.versions / "__pycache__"
    cache.mkdir()
    kept, orphan = cache / "aaaa1111.cpython-311.pyc", cache / "gone.cpython-310.opt-1.pyc"
    draft, index = cache / f"{FILE_NAME}.123.456", cache / FILE_NAME
    for path in (kept, orphan, draft, index):
        path.write_bytes(b"x")
    assert json.loads(site.type("prune", "--json").stdout)["leftovers"] == sorted(map(str, (draft, orphan)))
    site.type("prune", "--yes")
    assert sorted(cache.iterdir()) == sorted([kept, index])


def test_compiled_files_that_are_revisions_stay(make_site: Callable[..., Site]) -> None:
    site = make_site(sourceless=True)
    site.write("aaaa1111", None)
    compiled = site.versions / "__pycache__" / "gone.cpython-310.pyc"
    compiled.parent.mkdir()
    compiled.write_bytes(b"x")
    assert "Nothing to delete." in site.type("prune", "--yes").stdout
    assert compiled.exists()


def test_function(squashed: Site) -> None:
    from flask_schema import prune

    squashed.type("upgrade")
    squashed.type("squash", "aaaa1111:cccc3333", "--rev-id", "eeee5555")
    with squashed.app.app_context():
        found = prune()
        assert {path.stem for path in found.replaced} == {"aaaa1111", "bbbb2222", "cccc3333"}
        assert not found.is_removed
        assert prune(remove=True).is_removed
    assert not any(Path(path).exists() for path in found.replaced)
