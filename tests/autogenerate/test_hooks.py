"""``process_revision_directives`` as it is written for Alembic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from flask_schema.alembic_compat.autogenerate import Rewriter
from flask_schema.alembic_compat.operations import ops
from flask_schema.operations.tables import RenameTable
from tests.autogenerate.conftest import body, source
from tests.databases import DatabaseMaker
from tests.scenarios.projects import Place

MakePlace = Callable[..., Place]


def test_a_hook_that_changes_nothing_changes_nothing(make_place: MakePlace, shop: sa.MetaData) -> None:
    seen: list[Any] = []

    def look(context: Any, revision: Any, directives: list[Any]) -> None:
        seen.append((context, revision, list(directives)))

    plain = make_place(shop)
    plain.fine("migrate", "-m", "x", "--rev-id", "aaa")
    expected = source(plain)
    next(plain.versions.glob("*.py")).unlink()
    hooked = make_place(shop, process_revision_directives=look)
    hooked.fine("migrate", "-m", "x", "--rev-id", "aaa")
    assert source(hooked).splitlines()[5:] == expected.splitlines()[5:]
    (_, revision, (script,)) = seen[0]
    assert revision == ()
    assert isinstance(script, ops.MigrationScript)
    kinds = [type(one) for one in script.upgrade_ops.ops]
    assert kinds == [ops.CreateTableOp, ops.CreateTableOp, ops.ModifyTableOps]
    assert [type(one) for one in script.downgrade_ops.ops] == [ops.DropTableOp, ops.DropTableOp]


def test_a_hook_suppresses_empty_revisions(make_place: MakePlace, shop: sa.MetaData) -> None:
    def suppress(context: Any, revision: Any, directives: list[Any]) -> None:
        if directives[0].upgrade_ops.is_empty():
            directives[:] = []

    place = make_place(shop, process_revision_directives=suppress)
    place.fine("migrate", "-m", "first")
    place.fine("upgrade")
    assert "No changes" in place.fine("migrate", "-m", "nothing").out
    assert len(list(place.versions.glob("*.py"))) == 1
    place.fine("check")


def test_a_hook_that_takes_all_away_leaves_no_file(make_place: MakePlace, shop: sa.MetaData) -> None:
    place = make_place(shop, process_revision_directives=lambda context, revision, directives: directives.clear())
    assert "process_revision_directives left nothing" in place.fine("migrate", "-m", "gone").out
    assert not list(place.versions.glob("*.py"))


def test_a_hook_names_the_file(make_place: MakePlace, shop: sa.MetaData, folder: Any) -> None:
    def number(context: Any, revision: Any, directives: list[Any]) -> None:
        script = directives[0]
        script.rev_id = "0001"
        script.message = "said by the hook"
        script.branch_label = "shop"
        script.imports.add("import decimal  # noqa: F401")

    place = make_place(shop, process_revision_directives=number)
    place.fine("migrate", "-m", "typed")
    text = source(place)
    assert 'revision: str = "0001"' in text
    assert "said by the hook" in text
    assert 'branch_labels: str | tuple[str, ...] | None = "shop"' in text
    assert "import decimal  # noqa: F401" in text


def test_a_hook_reorders_the_columns_of_a_new_table(make_place: MakePlace, shop: sa.MetaData) -> None:
    def by_name(context: Any, revision: Any, directives: list[Any]) -> None:
        for op in directives[0].upgrade_ops.ops:
            if isinstance(op, ops.CreateTableOp):
                columns = [one for one in op.columns if isinstance(one, sa.Column)]
                others = [one for one in op.columns if not isinstance(one, sa.Column)]
                op.columns = sorted(columns, key=lambda column: column.name) + others

    place = make_place(shop, process_revision_directives=by_name)
    place.fine("migrate", "-m", "sorted")
    text = body(place)
    places = [text.index(f'sa.Column("{name}"') for name in ("customer_id", "id", "number", "placed")]
    start = text.index('"orders"')
    assert sorted(place for place in places if place > start) == [place for place in places if place > start]
    assert 'op.f("ix_orders_placed")' in text
    place.fine("upgrade")
    place.fine("check")


def test_a_rewriter_adds_a_column_in_two_steps(make_place: MakePlace, connection: sa.Connection) -> None:
    writer = Rewriter()

    @writer.rewrites(ops.AddColumnOp)
    def nullable_first(context: Any, revision: Any, op: ops.AddColumnOp) -> Any:
        if op.column.nullable:
            return op
        op.column.nullable = True
        return [
            op,
            ops.ExecuteSQLOp("UPDATE item SET price = 0"),
            ops.AlterColumnOp(op.table_name, op.column.name, modify_nullable=False, existing_type=op.column.type),
        ]

    connection.exec_driver_sql("CREATE TABLE item (id INTEGER NOT NULL PRIMARY KEY)")
    connection.exec_driver_sql("INSERT INTO item VALUES (1)")
    connection.commit()
    metadata = sa.MetaData()
    sa.Table(
        "item", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("price", sa.Integer, nullable=False)
    )
    place = make_place(metadata, process_revision_directives=writer)
    place.fine("migrate", "-m", "price")
    assert body(place).splitlines() == [
        'op.add_column("item", sa.Column("price", sa.Integer()))',
        '    op.execute("UPDATE item SET price = 0")',
        '    op.alter_column("item", "price", existing_type=sa.Integer(), nullable=False)',
    ]
    place.fine("upgrade")
    assert connection.exec_driver_sql("SELECT price FROM item").scalar() == 0


def test_rewriters_are_chained_and_see_nothing_twice(make_place: MakePlace, shop: sa.MetaData) -> None:
    first, second, seen = Rewriter(), Rewriter(), []

    @first.rewrites(ops.CreateTableOp)
    def look(context: Any, revision: Any, op: ops.CreateTableOp) -> Any:
        seen.append(op.table_name)
        return (op, ops.ExecuteSQLOp(f"SELECT '{op.table_name}'"))

    @second.rewrites(ops.CreateIndexOp)
    def forget(context: Any, revision: Any, op: ops.CreateIndexOp) -> Any:
        return []

    def shout(context: Any, revision: Any, directives: list[Any]) -> None:
        directives[0].message = directives[0].message.upper()

    place = make_place(shop, process_revision_directives=first.chain(second).chain(shout))
    place.fine("migrate", "-m", "quiet")
    assert seen == ["customer", "orders"]
    assert "QUIET" in source(place)
    assert "create_index" not in body(place)
    assert "op.execute(\"SELECT 'orders'\")" in body(place)


def test_a_hook_splits_a_revision_into_two_branches(make_place: MakePlace, connection: sa.Connection) -> None:
    """Expand and contract: what adds goes to one branch, what drops to the other."""

    def split(context: Any, revision: Any, directives: list[Any]) -> None:
        script = directives[0]
        expand, contract = [], []
        for op in script.upgrade_ops.ops:
            inner = op.ops if isinstance(op, ops.ModifyTableOps) else [op]
            for one in inner:
                (contract if isinstance(one, (ops.DropColumnOp, ops.DropTableOp)) else expand).append(one)
        directives[:] = [
            ops.MigrationScript(
                f"{name}1",
                ops.UpgradeOps(found),
                ops.DowngradeOps(),
                message=name,
                head=f"{name}@head",
            )
            for name, found in (("expand", expand), ("contract", contract))
        ]

    connection.exec_driver_sql("CREATE TABLE item (id INTEGER NOT NULL PRIMARY KEY, old TEXT)")
    connection.commit()
    metadata = sa.MetaData()
    sa.Table("item", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("new", sa.Text))
    place = make_place(metadata, process_revision_directives=split)
    place.fine("revision", "-m", "x", "--rev-id", "x0", "--branch-label", "expand")
    place.fine("revision", "-m", "y", "--rev-id", "y0", "--head", "base", "--branch-label", "contract")
    place.fine("upgrade", "heads")
    place.fine("migrate", "-m", "both", "--head", "expand@head")
    texts = {path.name: path.read_text() for path in place.versions.glob("*1_*.py")}
    assert sorted(texts) == ["contract1_contract.py", "expand1_expand.py"]
    assert 'op.add_column("item", sa.Column("new", sa.Text()))' in texts["expand1_expand.py"]
    assert 'down_revision: str | tuple[str, ...] | None = "x0"' in texts["expand1_expand.py"]
    assert 'op.drop_column("item", "old")' in texts["contract1_contract.py"]
    assert 'down_revision: str | tuple[str, ...] | None = "y0"' in texts["contract1_contract.py"]
    place.fine("upgrade", "heads")


def test_what_the_classes_have_no_word_for_goes_through(make_place: MakePlace, make_database: DatabaseMaker) -> None:
    """Enum types and sequences on PostgreSQL, beside a directive that a hook changes."""
    url = make_database("postgresql").url
    metadata = sa.MetaData()
    sa.Sequence("numbers", metadata=metadata)
    sa.Table(
        "item",
        metadata,
        sa.Column("id", sa.BigInteger, sa.Identity(start=5), primary_key=True),
        sa.Column("kind", sa.Enum("a", "b", name="kind"), nullable=False),
        sa.Index("item_kind", "kind", postgresql_where=sa.text("kind = 'a'"), postgresql_include=["id"]),
    )

    def concurrently(context: Any, revision: Any, directives: list[Any]) -> None:
        for op in directives[0].upgrade_ops.ops:
            if isinstance(op, ops.ModifyTableOps):
                for one in op.ops:
                    if isinstance(one, ops.CreateIndexOp):
                        one.kw["postgresql_concurrently"] = True
                        one.if_not_exists = True

    place = make_place(metadata, url, process_revision_directives=concurrently)
    place.fine("migrate", "-m", "all")
    text = body(place)
    for said in (
        'op.create_sequence("numbers")',
        "sa.Identity(start=5)",
        "postgresql_concurrently=True",
        "if_not_exists=True",
        'postgresql_include=["id"]',
    ):
        assert said in text
    place.fine("upgrade")
    place.fine("check")


def test_an_operation_of_the_engine_may_be_put_among_the_directives(
    make_place: MakePlace, connection: sa.Connection
) -> None:
    from flask_schema.snapshot.elements import QualifiedName

    def rename(context: Any, revision: Any, directives: list[Any]) -> None:
        directives[0].upgrade_ops.ops[:] = [RenameTable(QualifiedName("old"), "new")]
        directives[0].downgrade_ops.ops[:] = [ops.EngineOp(RenameTable(QualifiedName("new"), "old"))]

    connection.exec_driver_sql("CREATE TABLE old (id INTEGER NOT NULL PRIMARY KEY)")
    connection.commit()
    metadata = sa.MetaData()
    sa.Table("new", metadata, sa.Column("id", sa.Integer, primary_key=True))
    place = make_place(metadata, process_revision_directives=rename)
    place.fine("migrate", "-m", "renamed")
    assert body(place) == 'op.rename_table("old", "new")'
    assert body(place, "downgrade") == 'op.rename_table("new", "old")'


def test_a_hook_sees_each_database(make_place: MakePlace, make_database: DatabaseMaker, folder: Any) -> None:
    from flask import Flask
    from flask_sqlalchemy import SQLAlchemy

    from flask_schema import Migrate

    seen: list[Any] = []

    def look(context: Any, revision: Any, directives: list[Any]) -> None:
        seen.append([type(one) for each in directives[0].upgrade_ops_list for one in each.ops])

    db = SQLAlchemy()
    app = Flask("shop")
    app.config["SQLALCHEMY_DATABASE_URI"] = make_database("sqlite").url
    app.config["SQLALCHEMY_BINDS"] = {"users": make_database("sqlite").url}
    db.init_app(app)
    db.Table("product", sa.Column("id", sa.Integer, primary_key=True))
    db.Table("person", sa.Column("id", sa.Integer, primary_key=True), bind_key="users")
    Migrate(app, db, process_revision_directives=look)
    place = Place(folder, app)
    place.fine("init", "--multidb")
    place.fine("migrate", "-m", "both")
    assert seen == [[ops.CreateTableOp], [ops.CreateTableOp]]
    text = source(place)
    assert 'op.create_table("person"' in text.replace("\n        ", "")
    place.fine("upgrade")
    place.fine("check")


@pytest.mark.parametrize("upper", [True, False])
def test_check_asks_the_hook(make_place: MakePlace, shop: sa.MetaData, upper: bool) -> None:
    def forget(context: Any, revision: Any, directives: list[Any]) -> None:
        if upper:
            directives[0].upgrade_ops.ops.clear()

    place = make_place(shop, process_revision_directives=forget)
    assert place.db("check").code == (0 if upper else 1)


def test_directives_name_the_schema_as_the_models_do(make_place: MakePlace, postgresql_url: str) -> None:
    """``public`` is the default schema, and the engine leaves it out."""
    seen: list[tuple[str, str | None]] = []

    def look(context: Any, revision: Any, directives: list[Any]) -> None:
        for one in (*directives[0].upgrade_ops.ops, *directives[0].downgrade_ops.ops):
            inner = getattr(one, "ops", [])
            seen.extend((type(each).__name__, each.schema) for each in (one, *inner) if not isinstance(each, tuple))

    metadata = sa.MetaData()
    sa.Table("t", metadata, sa.Column("id", sa.Integer, primary_key=True, index=True), schema="public")
    place = make_place(metadata, postgresql_url, process_revision_directives=look)
    place.fine("migrate", "-m", "one")
    assert seen == [
        ("CreateTableOp", "public"),
        ("ModifyTableOps", "public"),
        ("CreateIndexOp", "public"),
        ("DropTableOp", "public"),
    ]
    assert "schema" not in body(place)


def test_the_target_of_a_foreign_key_has_its_types(make_place: MakePlace, sqlite_url: str) -> None:
    """Also where the table that has it is dropped, and nothing but the database knows of it."""
    metadata = sa.MetaData()
    sa.Table("owner", metadata, sa.Column("id", sa.String(7), primary_key=True))
    sa.Table("thing", metadata, sa.Column("owner_id", sa.ForeignKey("owner.id")))
    types: list[str] = []

    def look(context: Any, revision: Any, directives: list[Any]) -> None:
        (key,) = directives[0].downgrade_ops.ops[0].to_table().foreign_key_constraints
        types.append(str(key.elements[0].parent.type))
        (key,) = (one for one in directives[0].downgrade_ops.ops[0].columns if isinstance(one, sa.ForeignKeyConstraint))
        types.append(str(key.elements[0].column.type))

    metadata.create_all(sa.create_engine(sqlite_url, poolclass=sa.NullPool))
    metadata.remove(metadata.tables["thing"])
    make_place(metadata, process_revision_directives=look).fine("migrate", "-m", "one")
    assert types == ["VARCHAR(7)", "VARCHAR(7)"]


def test_a_system_column_is_refused(make_place: MakePlace, shop: sa.MetaData) -> None:
    def add(context: Any, revision: Any, directives: list[Any]) -> None:
        directives[0].upgrade_ops.ops.append(ops.AddColumnOp("orders", sa.Column("xmin", sa.Integer, system=True)))

    answer = make_place(shop, process_revision_directives=add).wrong("migrate", "-m", "one", code=2)
    assert "column xmin is marked system=True" in answer.text


def test_a_hook_that_needs_a_connection_is_told_so_offline(make_place: MakePlace, shop: sa.MetaData) -> None:
    def ask(context: Any, revision: Any, directives: list[Any]) -> None:
        sa.inspect(context.bind).get_table_names()

    answer = make_place(shop, process_revision_directives=ask).wrong("migrate", "--offline")
    assert "process_revision_directives does not go without a connection" in answer.error()
