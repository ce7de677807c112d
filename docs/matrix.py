"""One small script a directive, and what each database makes of it. Tests run the same scripts on real databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from flask_schema.dialects.registry import dialect_for
from flask_schema.dialects.surroundings import ReplayedSurroundings
from flask_schema.errors import ObjectMissing, OfflineRefused, OperationRefused
from flask_schema.operations.facade import Directives
from flask_schema.operations.listening import Recorder
from flask_schema.operations.operation import CATALOGUE, Operation
from flask_schema.snapshot.snapshot import Snapshot

URLS = {
    "SQLite": "sqlite://",
    "PostgreSQL": "postgresql://",
    "CockroachDB": "cockroachdb://",
    "MySQL": "mysql+pymysql://",
    "MariaDB": "mariadb+pymysql://",
}
NATIVE, REBUILT, NOTHING, LIVE, REFUSED = "yes", "rebuild", "nothing to do", "yes, not with `--sql`", "refused"

SCHEMA_NAME = "flask_schema_matrix"
"""What the scripts call the schema that they create; on MySQL it is one of the whole server."""

Script = Callable[[Any], None]


def schema(op: Any) -> None:
    """The tables that the scripts change."""
    op.create_table(
        "owners",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("code", sa.String(10), nullable=False),
        sa.UniqueConstraint("code", name="uq_code"),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.Integer()),
        sa.Column("kind", sa.String(20), server_default="giro"),
        sa.Column("amount", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("note", sa.String(50)),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.CheckConstraint("amount >= 0", name="ck_amount"),
    )
    op.create_table("tags", sa.Column("name", sa.String(10), nullable=False), sa.Column("weight", sa.Integer()))
    op.create_index("ix_kind", "accounts", ["kind"])
    op.bulk_insert(sa.table("owners", sa.column("id"), sa.column("code")), [{"id": 1, "code": "a"}])
    accounts = sa.table("accounts", *map(sa.column, ("id", "owner_id", "amount", "note")))
    op.bulk_insert(accounts, [{"id": 1, "owner_id": 1, "amount": 5, "note": "it's 100%: x"}])


def _batch(op: Any) -> None:
    with op.batch_alter_table("accounts") as batch:
        batch.add_column(sa.Column("opened", sa.Date()))
        batch.alter_column("kind", existing_type=sa.String(20), type_=sa.String(30), existing_server_default="giro")
        batch.drop_column("note")


_FUNCTIONS = {
    "postgresql": "CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1 * {}'",
    "cockroachdb": "CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1 * {}'",
}
_OTHER_FUNCTION = "CREATE FUNCTION twice(a INTEGER) RETURNS INTEGER DETERMINISTIC RETURN a * {}"
_TRIGGER_FUNCTION = "CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
_PLPGSQL_TRIGGER = "CREATE TRIGGER tr BEFORE {} ON accounts FOR EACH ROW EXECUTE FUNCTION noted()"
_TRIGGERS = {
    "sqlite": "CREATE TRIGGER tr AFTER {} ON accounts BEGIN UPDATE owners SET code = code; END",
    "postgresql": _PLPGSQL_TRIGGER,
    "cockroachdb": _PLPGSQL_TRIGGER,
}
_OTHER_TRIGGER = "CREATE TRIGGER tr BEFORE {} ON accounts FOR EACH ROW SET NEW.note = 'x'"


def _name(op: Any) -> str:
    return str(op.get_context().dialect.name)


def _create_function(op: Any) -> None:
    definition = _FUNCTIONS.get(_name(op), _OTHER_FUNCTION).format(2)
    op.create_function("twice", definition, arguments="integer")


def _replace_function(op: Any) -> None:
    _create_function(op)
    definition = _FUNCTIONS.get(_name(op), _OTHER_FUNCTION).format(3)
    op.replace_function("twice", definition, arguments="integer")


def _create_trigger(op: Any) -> None:
    if _TRIGGERS.get(_name(op)) is _PLPGSQL_TRIGGER:
        op.create_function("noted", _TRIGGER_FUNCTION)
    op.create_trigger("tr", "accounts", _TRIGGERS.get(_name(op), _OTHER_TRIGGER).format("INSERT"))


def _replace_trigger(op: Any) -> None:
    _create_trigger(op)
    op.replace_trigger("tr", "accounts", _TRIGGERS.get(_name(op), _OTHER_TRIGGER).format("UPDATE"))


def _not_valid(op: Any) -> None:
    columns = (["owner_id"], ["id"])
    op.create_foreign_key("fk_owner", "accounts", "owners", *columns, postgresql_not_valid=True)
    op.validate_constraint("fk_owner", "accounts")


def _after(*scripts: Script) -> Script:
    """Scripts one after the other."""

    def script(op: Any) -> None:
        for one in scripts:
            one(op)

    return script


def _mood(op: Any) -> None:
    op.create_enum("mood", ["sad", "ok"])


def _view(op: Any) -> None:
    op.create_view("rich", "SELECT id FROM accounts WHERE amount > 100")


def _ttl(op: Any) -> None:
    op.set_row_ttl("accounts", expire_after="30 days", existing={})


EXAMPLES: dict[str, Script] = {
    "create_table": lambda op: op.create_table(
        "made",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("owner_id", sa.Integer(), sa.ForeignKey("owners.id", name="fk_made", ondelete="CASCADE"), index=True),
        sa.Column("name", sa.String(9), server_default="it's"),
    ),
    "drop_table": lambda op: op.drop_table("tags"),
    "rename_table": lambda op: op.rename_table("tags", "labels"),
    "alter_table_options": lambda op: op.alter_table_options(
        "owners",
        sqlite_with_rowid=False,
        postgresql_tablespace="pg_default",
        mysql_row_format="COMPRESSED",
        existing={"sqlite_with_rowid": None, "postgresql_tablespace": None, "mysql_row_format": None},
    ),
    "create_table_comment": lambda op: op.create_table_comment("accounts", "it's money"),
    "drop_table_comment": _after(
        lambda op: op.create_table_comment("tags", "words"),
        lambda op: op.drop_table_comment("tags", existing_comment="words"),
    ),
    "batch_alter_table": _batch,
    "add_column": lambda op: op.add_column("accounts", sa.Column("flag", sa.Boolean(), server_default=sa.true())),
    "drop_column": lambda op: op.drop_column("accounts", "note"),
    "alter_column": lambda op: op.alter_column(
        "accounts", "note", type_=sa.Text(), existing_type=sa.String(50), existing_nullable=True
    ),
    "create_primary_key": lambda op: op.create_primary_key("pk_tags", "tags", ["name"]),
    "create_unique_constraint": lambda op: op.create_unique_constraint("uq_note", "accounts", ["note"]),
    "create_foreign_key": lambda op: op.create_foreign_key("fk_owner", "accounts", "owners", ["owner_id"], ["id"]),
    "create_check_constraint": lambda op: op.create_check_constraint("ck_small", "accounts", "amount < 1000"),
    "create_exclude_constraint": lambda op: op.create_exclude_constraint(
        "ex_note", "accounts", ("note", "="), using="hash"
    ),
    "drop_constraint": lambda op: op.drop_constraint("ck_amount", "accounts", type_="check"),
    "alter_primary_key": lambda op: op.alter_primary_key(
        "accounts", ["id", "amount"], existing_columns=["id"], existing_name="pk_accounts"
    ),
    "validate_constraint": _not_valid,
    "rename_constraint": lambda op: op.rename_constraint("ck_amount", "ck_positive", "accounts"),
    "create_index": lambda op: op.create_index("ix_note", "accounts", ["note", "amount"], unique=True),
    "drop_index": lambda op: op.drop_index("ix_kind", table_name="accounts"),
    "rename_index": lambda op: op.rename_index("ix_kind", "ix_sort", "accounts"),
    "execute": lambda op: op.execute("UPDATE accounts SET note = 'a:b 50%'"),
    "bulk_insert": lambda op: op.bulk_insert(
        sa.table("tags", sa.column("name"), sa.column("weight")), [{"name": "it's", "weight": None}]
    ),
    "backfill": lambda op: op.backfill("accounts", {"note": "new"}, "note <> 'new'", key="id"),
    "create_enum": _mood,
    "drop_enum": _after(_mood, lambda op: op.drop_enum("mood")),
    "alter_enum": _after(
        _mood, lambda op: op.alter_enum("mood", ["sad", "so so", "ok"], existing_values=["sad", "ok"])
    ),
    "rename_enum_value": _after(_mood, lambda op: op.rename_enum_value("mood", "sad", "it's sad")),
    "add_enum_value": _after(_mood, lambda op: op.add_enum_value("mood", "so so", after="sad")),
    "remove_enum_value": _after(_mood, lambda op: op.remove_enum_value("mood", "sad", before="ok")),
    "create_sequence": lambda op: op.create_sequence("numbers", start=5, increment=2),
    "drop_sequence": _after(lambda op: op.create_sequence("numbers"), lambda op: op.drop_sequence("numbers")),
    "alter_sequence": _after(
        lambda op: op.create_sequence("numbers"), lambda op: op.alter_sequence("numbers", increment=3)
    ),
    "rename_sequence": _after(
        lambda op: op.create_sequence("numbers"), lambda op: op.rename_sequence("numbers", "figures")
    ),
    "set_row_ttl": _ttl,
    "remove_row_ttl": _after(_ttl, lambda op: op.remove_row_ttl("accounts", existing={"expire_after": "30 days"})),
    "set_locality": lambda op: op.set_locality("accounts", "GLOBAL", existing_locality=None),
    "create_view": _view,
    "drop_view": _after(_view, lambda op: op.drop_view("rich")),
    "replace_view": _after(_view, lambda op: op.replace_view("rich", "SELECT id FROM accounts WHERE amount > 900")),
    "create_function": _create_function,
    "drop_function": _after(_create_function, lambda op: op.drop_function("twice", "integer")),
    "replace_function": _replace_function,
    "create_trigger": _create_trigger,
    "drop_trigger": _after(_create_trigger, lambda op: op.drop_trigger("tr", "accounts")),
    "replace_trigger": _replace_trigger,
    "create_schema": lambda op: op.create_schema(SCHEMA_NAME),
    "drop_schema": _after(lambda op: op.create_schema(SCHEMA_NAME), lambda op: op.drop_schema(SCHEMA_NAME)),
    "create_extension": lambda op: op.create_extension("hstore", if_not_exists=True),
    "drop_extension": _after(
        lambda op: op.create_extension("hstore", if_not_exists=True), lambda op: op.drop_extension("hstore")
    ),
}


def recorded(script: Script, url: str) -> tuple[Operation, ...]:
    """The operations of a script for the database of ``url``, which needs no server."""
    recorder = Recorder(dialect_for(sa.make_url(url).get_dialect()()).translation)
    script(Directives(recorder))
    return tuple(recorder.operations)


def cell(directive: str, url: str) -> str:
    """What a database makes of a directive: one of NATIVE, REBUILT, NOTHING, LIVE, REFUSED."""
    dialect = dialect_for(sa.make_url(url).get_dialect()())
    surroundings = ReplayedSurroundings(dialect, Snapshot(dialect.name))
    texts: list[str] = []
    try:
        for operation in (*recorded(schema, url), *recorded(EXAMPLES[directive], url)):
            texts = [str(one.sql) for one in dialect.statements([operation], surroundings)]
            surroundings.replay(operation)
    except ObjectMissing:
        raise
    except OperationRefused:
        return REFUSED
    except OfflineRefused:
        return LIVE
    if any("_flask_schema_new_" in text for text in texts):
        return REBUILT
    return NATIVE if texts else NOTHING


def table() -> list[str]:
    """The matrix as Markdown: a row a directive, in the order of the catalogue."""
    lines = [f"| | {' | '.join(URLS)} |", f"|---|{'---|' * len(URLS)}"]
    for directive in (one for one in EXAMPLES if one in CATALOGUE):
        cells = " | ".join(cell(directive, url) for url in URLS.values())
        lines.append(f"| [`{directive}`](operations.md#op-{directive.replace('_', '-')}) | {cells} |")
    return lines
