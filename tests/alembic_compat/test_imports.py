"""``import alembic`` while scripts are loaded and run, and what is left of it afterwards."""

from __future__ import annotations

import builtins
import importlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from flask_schema.alembic_compat.imports import in_force, install, names_in_force, uninstall
from flask_schema.errors import NameNotMapped
from flask_schema.operations.facade import op
from flask_schema.scripts.load import load_module


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    before = builtins.__import__, list(sys.meta_path), {name for name in sys.modules if name.startswith("alembic")}
    yield
    after = builtins.__import__, list(sys.meta_path), {name for name in sys.modules if name.startswith("alembic")}
    assert after == before


def test_names_are_found_inside_the_block_only() -> None:
    with pytest.raises(ModuleNotFoundError):
        import alembic
    with names_in_force():
        import alembic
        import alembic.operations.base
        from alembic import context, op, util
        from alembic.op import add_column, execute

        assert alembic.__version__.split(".")[0] == "1"
        assert alembic.op is op
        assert op.add_column == add_column
        assert callable(execute)
        assert callable(context.configure)
        assert issubclass(util.CommandError, Exception)
        assert alembic.operations.base.Operations is alembic.operations.Operations
        assert "alembic" not in sys.modules
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("alembic.op")


def test_a_module_is_imported_from_its_package_before_anybody_else_did() -> None:
    program = (
        "from flask_schema.alembic_compat.imports import names_in_force\n"
        "with names_in_force():\n"
        "    from alembic.runtime import migration\n"
        "print(migration.MigrationContext.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "MigrationContext"


def test_blocks_may_be_nested() -> None:
    with names_in_force():
        with names_in_force():
            assert in_force()
        import alembic

        assert alembic.__name__ == "flask_schema.alembic_compat"
    assert not in_force()


def test_import_module_finds_the_names_too() -> None:
    with names_in_force():
        found = importlib.import_module("alembic.op")
        assert found is importlib.import_module("flask_schema.alembic_compat.op")
        assert found.__spec__.name == "flask_schema.alembic_compat.op"
        assert "alembic.op" in sys.modules


def test_another_thread_finds_what_it_found_before() -> None:
    outcomes: list[str] = []

    def try_import() -> None:
        try:
            import alembic  # noqa: F401
        except ModuleNotFoundError as error:
            outcomes.append(str(error))

    with names_in_force():
        thread = threading.Thread(target=try_import)
        thread.start()
        thread.join()
    assert outcomes == ["No module named 'alembic'"]


def test_threads_have_the_names_at_the_same_time() -> None:
    barrier, found = threading.Barrier(6), []

    def use() -> None:
        for _ in range(50):
            barrier.wait()
            with names_in_force():
                from alembic import op as first

                found.append(first)
            assert not in_force()

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 300
    assert len(set(map(id, found))) == 1


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("import alembic.no_such_thing", "'alembic.no_such_thing'"),
        ("from alembic.util import no_such_name", "'no_such_name' in 'alembic.util'"),
        ("from alembic import no_such_module", "'no_such_module' in 'alembic'"),
    ],
)
def test_what_is_not_there_is_refused_with_its_place(tmp_path: Path, line: str, what: str) -> None:
    file = tmp_path / "script.py"
    file.write_text(f'"""A script."""\n\n{line}\n')
    with pytest.raises(NameNotMapped) as caught:
        load_module(file)
    assert what in caught.value.message
    assert (caught.value.file, caught.value.line) == (str(file), 3)
    assert "ImportError" in str(caught.value.hint)


def test_a_script_may_guard_an_import(tmp_path: Path) -> None:
    file = tmp_path / "script.py"
    file.write_text("try:\n    from alembic import nothing\nexcept ImportError:\n    nothing = None\n")
    assert load_module(file).nothing is None


def test_a_helper_module_gets_the_names_and_keeps_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "migration_helper_one.py").write_text("from alembic import op\nimport alembic.util as util\n")
    script = tmp_path / "script.py"
    script.write_text("import migration_helper_one as helper\n")
    helper = load_module(script).helper
    assert helper.op.add_column == op.add_column
    assert helper.util.rev_id()
    monkeypatch.delitem(sys.modules, "migration_helper_one")


def test_the_names_may_be_installed_for_a_whole_program() -> None:
    real = ModuleType("alembic")
    sys.modules["alembic"] = real
    try:
        install()
        install()
        outcomes: list[str] = []
        thread = threading.Thread(target=lambda: outcomes.append(importlib.import_module("alembic.op").__name__))
        thread.start()
        thread.join()
        assert outcomes == ["flask_schema.alembic_compat.op"]
        uninstall()
        assert sys.modules["alembic"] is real
        uninstall()
    finally:
        del sys.modules["alembic"]


def test_alembic_itself_is_left_alone() -> None:
    """A real Alembic that imports its own parts gets its own parts."""
    with names_in_force(), pytest.raises(ModuleNotFoundError):
        exec("import alembic.nothing_there", {"__name__": "alembic.command"})


PATHS = (
    "autogenerate.api.AutogenContext", "autogenerate.compare.comparators", "autogenerate.render.renderers",
    "command.upgrade", "config.Config", "ddl.impl.DefaultImpl", "ddl.postgresql.PostgresqlImpl",
    "environment.EnvironmentContext", "migration.MigrationContext", "operations.base.Operations",
    "operations.ops.MigrateOperation", "runtime.environment.EnvironmentContext", "runtime.migration.MigrationContext",
    "script.base.ScriptDirectory", "script.revision.RevisionError", "script.write_hooks.register",
    "util.exc.CommandError", "util.langhelpers.rev_id", "util.messaging.msg", "util.pyfiles.load_python_file",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_one_import_leads_to_every_module(path: str) -> None:
    with names_in_force():
        found = importlib.import_module("alembic")
        for part in path.split("."):
            found = getattr(found, part)
        assert found.__class__ is not type(importlib)
