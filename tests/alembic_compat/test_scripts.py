"""Names that revision files of well-known projects use, beside the directives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flask_schema.actions.revision import revision
from flask_schema.alembic_compat.autogenerate.compare import comparators
from flask_schema.alembic_compat.ddl import postgresql, sqlite
from flask_schema.dialects import registry
from flask_schema.errors import ConfigurationError
from flask_schema.operations import extending
from flask_schema.operations.batch import BatchDirectives
from flask_schema.operations.facade import Directives
from flask_schema.runtime import implementation
from tests.alembic_compat.environments import GENERIC, INI
from tests.alembic_compat.folders import Folder, rows_in, tables_in

BUILT_IN = (postgresql.PostgresqlImpl, sqlite.SQLiteImpl)
"""Loaded once for all tests, as each test takes out what it registered."""


@pytest.fixture(autouse=True)
def nothing_registered_is_left() -> Iterator[None]:
    tables = (extending._IMPLEMENTATIONS, implementation._CLASSES, registry._LIKE)
    before = [dict(table) for table in tables]
    directives = {kind: set(vars(kind)) for kind in (Directives, BatchDirectives)}
    yield
    for table, content in zip(tables, before, strict=True):
        table.clear()
        table.update(content)
    for kind, names in directives.items():
        for name in set(vars(kind)) - names:
            delattr(kind, name)


@pytest.fixture
def folder(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.chdir(tmp_path)
    return Folder(tmp_path, GENERIC, INI.replace("{url}", sqlite_url))


def with_env(folder: Folder, head: str, old: str = "", new: str = "") -> None:
    (folder.migrations / "env.py").write_text(head + GENERIC.replace(old, new) if old else head + GENERIC)


USES = {
    "the proxy": "assert op._proxy.migration_context.dialect.supports_sequences is False",
    "the implementation": "assert context.get_impl().bind.dialect.name == op.impl.dialect.name == 'sqlite'",
    "the kind of implementation": "from alembic.ddl.sqlite import SQLiteImpl\n    from alembic.ddl.mysql import MySQLImpl\n"
    "    assert isinstance(op.get_context().impl, SQLiteImpl)\n    assert not isinstance(op.impl, MySQLImpl)",
    "the context's implementation": "assert op.get_context().impl.connection is op.get_bind()\n"
    "    assert op.get_context().impl.dialect.name == 'sqlite'\n    op.get_context().impl.execute('SELECT 1')\n"
    "    op.get_context().impl.static_output('said')",
    "types compared": "a, b = sa.Column('a', sa.Integer), sa.Column('a', sa.String(3))\n"
    "    assert op.get_context().impl.compare_type(a, b)\n    assert not op.get_context().impl.compare_type(b, b)",
    "the context's bind": "assert op.get_context().bind.dialect.name == 'sqlite'",
    "the context of context": "assert context.get_context().dialect.name == context.get_bind().dialect.name",
    "options": "assert op.get_context().opts['target_metadata'].tables\n    assert op.get_context().version_table_schema is None",
    "offline": "assert not op.get_context().as_sql\n    assert not context.is_offline_mode()",
    "attributes": "assert context.config.attributes.get('x', 3) == 3",
    "x arguments": "assert context.get_x_argument() == []\n    assert context.get_x_argument(as_dictionary=True) == {}",
    "the version table": "assert op.get_context()._has_version_table() in (True, False)",
    "autocommit": "with op.get_context().autocommit_block():\n        op.execute('SELECT 1')",
    "an operations object": "Operations(op.get_context()).create_table('t', sa.Column('id', sa.Integer))",
    "errors": "try:\n        raise util.CommandError('no')\n    except CommandError:\n        pass",
    "an import inside": "from alembic.op import create_table\n    create_table('t', sa.Column('id', sa.Integer))",
    "a version": "assert tuple(map(int, alembic.__version__.split('.'))) >= (1, 8)",
    "a whole path": "alembic.op.create_table('t', alembic.util and sa.Column('id', sa.Integer))",
    "a migration context": "assert MigrationContext.configure(op.get_bind()).get_current_revision() is None",
    "the script directory": "assert context.script.get_heads() == ['r1']",
    "a file": "assert alembic.util.load_python_file('.', 'other.py').value == 7",
    "warnings": "import warnings\n    with warnings.catch_warnings(record=True) as seen:\n        warnings.simplefilter('always')\n        alembic.util.warn('hm')\n    assert seen",
}
HEAD = """import alembic
import alembic.op
from alembic import context, util
from alembic.util import CommandError
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
"""


@pytest.mark.parametrize("name", USES)
def test_a_name_works_in_a_revision(folder: Folder, name: str) -> None:
    (folder.root / "other.py").write_text("value = 7\n")
    folder.add(USES[name], head=HEAD)
    assert len(folder.upgrade().steps) == 1


def test_all_names_of_a_module_at_once(folder: Folder, sqlite_url: str) -> None:
    folder.add("create_table('t', sa.Column('id', sa.Integer))", head="from alembic.op import *")
    folder.upgrade()
    assert tables_in(sqlite_url) == ["t"]


def test_operations_of_a_projects_own(folder: Folder, sqlite_url: str) -> None:
    with_env(
        folder,
        """
from alembic.operations import MigrateOperation, Operations


@Operations.register_operation("write_note")
class WriteNote(MigrateOperation):
    def __init__(self, text, schema=None):
        self.text = text

    @classmethod
    def write_note(cls, operations, text, **kw):
        return operations.invoke(cls(text, **kw))

    def reverse(self):
        return WriteNote("not " + self.text)


@Operations.implementation_for(WriteNote)
def write_note(operations, operation):
    operations.execute("INSERT INTO note VALUES ('%s')" % operation.text)
    operations.get_bind().exec_driver_sql("INSERT INTO note VALUES ('from the connection')")
""",
    )
    folder.add("op.create_table('note', sa.Column('text', sa.String(20)))\n    op.write_note('hello')")
    folder.upgrade()
    assert rows_in(sqlite_url, "SELECT text FROM note") == [("hello",), ("from the connection",)]


def test_directives_made_as_values_are_invoked(folder: Folder, sqlite_url: str) -> None:
    folder.add(
        "from alembic.operations import ops\n    op.invoke(ops.CreateTableOp('note', [sa.Column('text', sa.Text())]))\n"
        "    made = ops.CreateIndexOp('ix_note', 'note', ['text'])\n    op.invoke(made)\n    op.invoke(made.reverse())\n"
        "    with op.batch_alter_table('note') as batch:\n"
        "        batch.invoke(ops.AlterColumnOp('note', 'text', modify_nullable=False))"
    )
    folder.upgrade()
    [(sql,)] = rows_in(sqlite_url, "SELECT sql FROM sqlite_master WHERE tbl_name = 'note'")
    assert "NOT NULL" in sql


def test_a_directive_of_a_projects_own_inside_a_batch_block(folder: Folder, sqlite_url: str) -> None:
    with_env(
        folder,
        """
from alembic.operations import BatchOperations, MigrateOperation, Operations


@Operations.register_operation("forget")
@BatchOperations.register_operation("forget", "batch_forget")
class Forget(MigrateOperation):
    def __init__(self, table, word):
        self.table, self.word = table, word

    @classmethod
    def forget(cls, operations, table, word):
        return operations.invoke(cls(table, word))

    @classmethod
    def batch_forget(cls, operations, word):
        return operations.invoke(cls(operations.impl.table_name, word))


@Operations.implementation_for(Forget)
def forget(operations, operation):
    operations.execute("INSERT INTO note VALUES ('%s %s')" % (operation.table, operation.word))
""",
    )
    folder.add("op.create_table('note', sa.Column('text', sa.String(20)))\n    op.forget('a', 'b')")
    folder.add("with op.batch_alter_table('note') as batch:\n        batch.forget('c')")
    folder.upgrade()
    assert rows_in(sqlite_url, "SELECT text FROM note") == [("a b",), ("note c",)]


def test_hooks_are_called_as_in_alembic(folder: Folder, sqlite_url: str) -> None:
    with_env(
        folder,
        """
def applied(ctx, step, heads, run_args):
    ctx.connection.exec_driver_sql(
        "INSERT INTO note VALUES ('%s %s %s')" % (step.up_revision_id, step.is_upgrade, ",".join(heads))
    )
    ctx.connection.commit()
""",
        "target_metadata=models)",
        "target_metadata=models, on_version_apply=applied, transaction_per_migration=True)",
    )
    folder.add("op.create_table('note', sa.Column('text', sa.String(20)))")
    folder.upgrade()
    assert rows_in(sqlite_url, "SELECT text FROM note") == [("r1 True r1",)]


def test_ids_in_sequence_by_a_hook(folder: Folder) -> None:
    with_env(
        folder,
        """
from alembic.script import ScriptDirectory


def number(context, revision, directives):
    head = ScriptDirectory.from_config(context.config).get_current_head()
    directives[0].rev_id = "%04d" % (int(head or 0) + 1)
""",
        "target_metadata=models)",
        "target_metadata=models, process_revision_directives=number)",
    )
    assert folder.autogenerate().revision == "0001"
    folder.upgrade()
    (folder.root / "alembic.ini").write_text(
        (folder.root / "alembic.ini")
        .read_text()
        .replace("path_separator", "revision_environment = true\npath_separator")
    )
    assert revision(folder.project(), "second").revision == "0002"


# -- DefaultImpl ------------------------------------------------------------------------------

IMPLEMENTATION = """
import sqlalchemy as sa
from alembic.ddl.sqlite import SQLiteImpl
from alembic.ddl.impl import DefaultImpl


class Mine(SQLiteImpl):
    __dialect__ = "sqlite"

    def {method}
"""


def test_the_version_table_of_a_projects_class(folder: Folder, sqlite_url: str) -> None:
    method = """version_table_impl(self, **kw):
        table = super().version_table_impl(**kw)
        table.append_column(sa.Column("note", sa.String(9), server_default="mine"))
        return table
"""
    with_env(folder, IMPLEMENTATION.replace("{method}", method))
    folder.add("pass")
    folder.upgrade()
    assert rows_in(sqlite_url, "SELECT version_num, note FROM alembic_version") == [("r1", "mine")]


def test_a_project_may_replace_a_method_of_the_class_itself(folder: Folder, sqlite_url: str) -> None:
    with_env(
        folder,
        """
import sqlalchemy as sa
from alembic.ddl.impl import DefaultImpl

usual = DefaultImpl.version_table_impl


def wide(self, *, version_table, version_table_schema, version_table_pk, **kw):
    return sa.Table(
        version_table, sa.MetaData(), sa.Column("version_num", sa.String(77), nullable=False),
        schema=version_table_schema,
    )


DefaultImpl.version_table_impl = wide
""",
        "            context.run_migrations()\n",
        "            context.run_migrations()\n        DefaultImpl.version_table_impl = usual\n",
    )
    folder.add("pass")
    folder.upgrade()
    assert "VARCHAR(77)" in str(rows_in(sqlite_url, "SELECT sql FROM sqlite_master WHERE name = 'alembic_version'"))


def test_the_comparison_of_a_projects_class(folder: Folder) -> None:
    method = "compare_type(self, inspector_column, metadata_column):\n        return False\n"
    folder.add("op.create_table('account', sa.Column('id', sa.Integer, primary_key=True), sa.Column('owner', sa.Text))")
    folder.upgrade()
    assert folder.autogenerate().paths
    for path in folder.versions.glob("*_changes.py"):
        path.unlink()
    with_env(folder, IMPLEMENTATION.replace("{method}", method))
    assert folder.autogenerate().paths == ()


def test_what_would_have_no_effect_is_refused(folder: Folder, sqlite_url: str) -> None:
    method = "drop_index(self, index, **kw):\n        pass\n"
    with_env(folder, IMPLEMENTATION.replace("{method}", method))
    folder.add("op.create_table('t', sa.Column('id', sa.Integer))")
    with pytest.raises(ConfigurationError, match="Mine replaces drop_index") as caught:
        folder.upgrade()
    assert caught.value.file == str(folder.migrations / "env.py")
    assert caught.value.line == 7
    assert tables_in(sqlite_url) == []


def test_a_dialect_is_treated_like_the_one_it_derives_from() -> None:
    from flask_schema.alembic_compat.ddl.impl import DefaultImpl

    class Redshift(postgresql.PostgresqlImpl):
        __dialect__ = "redshift"

    class Unknown(DefaultImpl):
        __dialect__ = "unknown"

    assert registry._LIKE == {"redshift": "postgresql"}
    assert (implementation._CLASSES["redshift"], implementation._CLASSES["unknown"]) == (Redshift, Unknown)


COMPARATORS = """
from alembic.autogenerate import comparators

def enums(autogen_context, upgrade_ops, schemas):
    raise AssertionError("the engine compares these")

enums.__module__ = "alembic_autogenerate_enums"
comparators.dispatch_for("schema")(enums)

@comparators.dispatch_for("schema")
def look(autogen_context, upgrade_ops, schemas):
    options = autogen_context.opts
    heads = options["script"].get_heads()
    assert (len(heads), options["template_args"]["config"].get_main_option("own")) == (1, "word"), options
"""


def test_comparators_find_the_scripts_and_the_configuration(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparators, "_registry", dict(comparators._registry))
    with_env(folder, COMPARATORS)
    ini = folder.root / "alembic.ini"
    ini.write_text(ini.read_text().replace("[alembic]\n", "[alembic]\nown = word\n"))
    folder.add("pass")
    folder.upgrade()
    result = folder.autogenerate()
    assert [note for note in result.notes if "enum" in note] == [
        "alembic_autogenerate_enums is not asked: enum types are compared by the engine itself"
    ]
