"""The bank's migrations, run by ``flask db`` as its README says, on each database."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from example_app import create_app
from example_app.bank import list_accounts, open_accounts, transfer
from example_app.models import Account, db

CREATE_ACCOUNTS, ADD_OVERDRAWN, NAME_THE_OWNERS = "4f1c2a9be0d7", "8d05b7c3f621", "e7b3f06c5a92"


@pytest.fixture
def empty_bank(database_url: str) -> Iterator[Flask]:
    """The bank on an empty database, inside its application context."""
    app = create_app(database_url)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def run(app: Flask, *words: str) -> Result:
    done = app.test_cli_runner().invoke(args=["db", *words])
    assert done.exit_code == 0, done.output
    return done


def list_columns() -> list[str]:
    return [column["name"] for column in sa.inspect(db.engine).get_columns("accounts")]


def test_migrated_is_as_modelled(empty_bank: Flask) -> None:
    run(empty_bank, "upgrade")
    run(empty_bank, "check")
    assert sorted(list_columns()) == ["balance", "id", "overdrawn", "owner"]
    with db.engine.connect() as connection:
        versions = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all()
    assert versions == [NAME_THE_OWNERS]


def test_the_bank_works_on_what_the_migrations_made(empty_bank: Flask) -> None:
    run(empty_bank, "upgrade")
    ada, grace = (account.id for account in open_accounts([("Ada", 1), ("Grace", 0)]))
    transfer(ada, grace, 5)
    assert {account.owner: (account.balance, account.overdrawn) for account in list_accounts(10)} == {
        "Ada": (-4, True),
        "Grace": (5, False),
    }


def test_rows_go_along_up_and_down(empty_bank: Flask) -> None:
    run(empty_bank, "upgrade", CREATE_ACCOUNTS)
    assert sorted(list_columns()) == ["balance", "id"]
    ids = [UUID(int=1), UUID("0123456789abcdef0123456789abcdef")]
    accounts = sa.table("accounts", sa.column("id", sa.Uuid()), sa.column("balance", sa.BigInteger()))
    with db.engine.begin() as connection:
        connection.execute(accounts.insert(), [{"id": ids[0], "balance": -7}, {"id": ids[1], "balance": 8}])

    run(empty_bank, "upgrade", "+1")
    with db.engine.connect() as connection:
        found = connection.execute(sa.text("SELECT balance, overdrawn FROM accounts ORDER BY balance")).all()
    assert [(balance, bool(overdrawn)) for balance, overdrawn in found] == [(-7, True), (8, False)]

    run(empty_bank, "upgrade")
    assert [(account.id, account.balance, account.owner) for account in list_accounts(10)] == [
        (ids[0], -7, "Owner of 00000000"),
        (ids[1], 8, "Owner of 01234567"),
    ]
    db.session.remove()

    run(empty_bank, "downgrade", ADD_OVERDRAWN)
    assert sorted(list_columns()) == ["balance", "id", "overdrawn"]
    run(empty_bank, "downgrade", "-1")
    assert sorted(list_columns()) == ["balance", "id"]
    with db.engine.connect() as connection:
        assert connection.execute(sa.select(accounts.c.id).order_by(accounts.c.id)).scalars().all() == ids

    run(empty_bank, "downgrade", "base")
    assert not sa.inspect(db.engine).has_table("accounts")
    run(empty_bank, "upgrade")
    run(empty_bank, "check")


def test_an_owner_is_required_afterwards(empty_bank: Flask) -> None:
    run(empty_bank, "upgrade")
    with pytest.raises(sa.exc.DBAPIError, match="owner"):
        db.session.execute(sa.insert(Account).values(balance=1, owner=None))


def test_the_sql_for_cockroachdb_keeps_a_week() -> None:
    app = create_app("cockroachdb://root@localhost:26257/bank")
    with app.app_context():
        up = run(app, "upgrade", "--sql").output
        down = run(app, "downgrade", f"{NAME_THE_OWNERS}:base", "--sql").output
    assert "CONFIGURE ZONE USING gc.ttlseconds = 604800" in up
    assert "CONFIGURE ZONE USING gc.ttlseconds = COPY FROM PARENT" in down
    assert "CASE WHEN balance < 0 THEN true ELSE false END) STORED" in up


@pytest.mark.databases("sqlite", "postgresql")
def test_the_sql_for_others_does_not(empty_bank: Flask) -> None:
    up = run(empty_bank, "upgrade", "--sql").output
    assert "CREATE TABLE accounts" in up
    assert "CONFIGURE ZONE" not in up
    assert not sa.inspect(db.engine).has_table("accounts")
