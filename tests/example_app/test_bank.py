"""Accounts and transfers, and the transactions they run in."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from example_app import choose_driver, create_app
from example_app.bank import (
    MAX_AMOUNT,
    AccountNotFound,
    BankError,
    close_accounts,
    find_account,
    list_accounts,
    open_accounts,
    transfer,
)
from example_app.models import Account, db
from example_app.transactions import run_transaction


class DriverError(Exception):
    """What a driver raises, with the attribute that psycopg calls sqlstate and psycopg2 pgcode."""

    def __init__(self, **code: str) -> None:
        super().__init__("the driver's words")
        vars(self).update(code)


def wrap(error: DriverError) -> DBAPIError:
    return DBAPIError("UPDATE accounts", {}, error)


def open_two() -> tuple[UUID, UUID]:
    first, second = open_accounts([("Ada", 100), ("Grace", 0)])
    return first.id, second.id


def test_a_transfer_moves_the_amount(bank: Flask) -> None:
    ada, grace = open_two()
    transfer(ada, grace, 30)
    assert (find_account(ada).balance, find_account(grace).balance) == (70, 30)


def test_the_database_computes_who_is_overdrawn(bank: Flask) -> None:
    ada, grace = open_two()
    assert (find_account(ada).overdrawn, find_account(grace).overdrawn) == (False, False)
    transfer(grace, ada, 1)
    assert (find_account(ada).overdrawn, find_account(grace).overdrawn) == (False, True)


def test_a_transfer_to_nowhere_changes_nothing(bank: Flask) -> None:
    ada, _ = open_two()
    for nowhere in (UUID(int=0), UUID(int=2**128 - 1)):  # before and after every other id
        with pytest.raises(AccountNotFound) as caught:
            transfer(ada, nowhere, 10)
        assert caught.value.field == "to_account"
        with pytest.raises(AccountNotFound) as caught:
            transfer(nowhere, ada, 10)
        assert caught.value.field == "from_account"
    assert find_account(ada).balance == 100


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("amount", [0, -1, MAX_AMOUNT + 1])
def test_an_impossible_amount_is_refused(bank: Flask, amount: int) -> None:
    ada, grace = open_two()
    with pytest.raises(BankError, match="The amount must be from 1") as caught:
        transfer(ada, grace, amount)
    assert caught.value.field == "amount"
    with pytest.raises(BankError, match="must be different"):
        transfer(ada, ada, 1)


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("owner", "balance", "field"),
    [("", 1, "owner"), ("  ", 1, "owner"), ("x" * 81, 1, "owner"), ("Ada", -1, "balance"), ("Ada", 10**13, "balance")],
)
def test_an_impossible_account_is_refused(bank: Flask, owner: str, balance: int, field: str) -> None:
    with pytest.raises(BankError) as caught:
        open_accounts([("Grace", 1), (owner, balance)])
    assert caught.value.field == field
    assert list_accounts(10) == []


def test_accounts_are_listed_page_by_page(bank: Flask) -> None:
    opened = open_accounts([(f"Owner {number}", number) for number in range(5)])
    first = list_accounts(3)
    second = list_accounts(3, after=first[-1].id)
    assert [len(first), len(second)] == [3, 2]
    assert {account.id for account in [*first, *second]} == {account.id for account in opened}


def test_closing_takes_only_the_accounts_named(bank: Flask) -> None:
    ada, grace = open_two()
    close_accounts([ada, uuid4()])
    assert [account.id for account in list_accounts(10)] == [grace]
    with pytest.raises(AccountNotFound, match=str(ada)):
        find_account(ada)


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("code", [{"sqlstate": "40001"}, {"pgcode": "40001"}])
def test_a_serialization_failure_is_tried_again(bank: Flask, code: dict[str, str]) -> None:
    delays: list[float] = []
    tries = 0

    def work() -> str:
        nonlocal tries
        tries += 1
        db.session.add(Account(owner="Ada", balance=1))
        db.session.flush()
        if tries < 4:
            raise wrap(DriverError(**code))
        return "done"

    assert run_transaction(db.session, work, sleep=delays.append, first_delay_seconds=1.0) == "done"
    assert len(list_accounts(10)) == 1
    assert [0.5 * 2**n <= delay <= 2**n for n, delay in enumerate(delays)] == [True, True, True]


@pytest.mark.databases("sqlite")
def test_trying_again_has_an_end(bank: Flask) -> None:
    delays: list[float] = []

    def work() -> None:
        raise wrap(DriverError(sqlstate="40001"))

    with pytest.raises(DBAPIError):
        run_transaction(db.session, work, max_attempts=3, sleep=delays.append)
    assert len(delays) == 2


@pytest.mark.databases("sqlite")
def test_other_errors_are_raised_at_once(bank: Flask) -> None:
    def work() -> None:
        db.session.add(Account(owner="Ada", balance=1))
        db.session.flush()
        raise wrap(DriverError(sqlstate="23505"))

    with pytest.raises(DBAPIError):
        run_transaction(db.session, work, sleep=lambda seconds: pytest.fail("waited"))
    assert list_accounts(10) == []


@pytest.mark.databases("postgresql")
def test_a_real_serialization_failure_is_tried_again(bank: Flask) -> None:
    ada, _ = open_two()
    db.session.remove()
    tries = 0

    def work() -> None:
        nonlocal tries
        tries += 1
        db.session.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        db.session.execute(sa.select(sa.func.sum(Account.balance)))
        if tries == 1:
            with db.engine.begin() as other:
                other.execute(sa.update(Account).where(Account.id == ada).values(balance=Account.balance + 1))
        db.session.execute(sa.update(Account).where(Account.id == ada).values(balance=Account.balance + 10))

    run_transaction(db.session, work, sleep=lambda seconds: None)
    assert tries == 2
    assert find_account(ada).balance == 111


def test_a_computed_column_is_not_for_writing(bank: Flask) -> None:
    with pytest.raises(DBAPIError, match=r"overdrawn.*generated|generated.*overdrawn"):
        db.session.execute(sa.insert(Account).values(id=uuid4(), balance=1, owner="Ada", overdrawn=True))


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p@h/bank", "postgresql+psycopg://u:p@h/bank"),
        ("postgresql://h/bank?host=/tmp", "postgresql+psycopg://h/bank?host=/tmp"),
        ("postgresql+psycopg2://h/bank", "postgresql+psycopg2://h/bank"),
        ("cockroachdb://root@h:26257/bank", "cockroachdb://root@h:26257/bank"),
        ("sqlite:///x.db", "sqlite:///x.db"),
    ],
)
def test_postgresql_is_reached_through_psycopg(given: str, used: str) -> None:
    assert choose_driver(given) == used


def test_the_environment_chooses_the_database(monkeypatch: pytest.MonkeyPatch, tmp_path: str) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/chosen.sqlite")
    assert create_app().config["SQLALCHEMY_DATABASE_URI"] == f"sqlite:///{tmp_path}/chosen.sqlite"
    monkeypatch.delenv("DATABASE_URL")
    assert create_app().config["SQLALCHEMY_DATABASE_URI"] == "sqlite:///bank.sqlite"
