"""What the bank does: it opens and closes accounts and moves money between them, each in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import CursorResult

from example_app.models import Account, db
from example_app.transactions import run_transaction

MAX_AMOUNT = 10**12  # of one transfer or opening balance; leaves room for a million of them in a 64-bit balance
MAX_OWNER_LENGTH = 80


class BankError(ValueError):
    """The bank refuses; the message says why. ``field`` names the input that is at fault, if one is."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class AccountNotFound(BankError):
    """There is no account with this id."""


def list_accounts(limit: int, after: UUID | None = None) -> Sequence[Account]:
    """Return at most ``limit`` accounts in the order of their ids, those after the id ``after``."""
    query = sa.select(Account).order_by(Account.id).limit(limit)
    if after is not None:
        query = query.where(Account.id > after)
    return db.session.scalars(query).all()


def find_account(account_id: UUID) -> Account:
    """Return an account; raises AccountNotFound."""
    account = db.session.get(Account, account_id)
    if account is None:
        raise AccountNotFound(f"There is no account {account_id}")
    return account


def open_accounts(openings: Sequence[tuple[str, int]]) -> list[Account]:
    """Open an account for each (owner, balance) and return them in the same order; raises BankError."""
    for owner, balance in openings:
        if not 1 <= len(owner.strip()) <= MAX_OWNER_LENGTH:
            raise BankError(f"The owner's name must have 1 to {MAX_OWNER_LENGTH} characters", "owner")
        if not 0 <= balance <= MAX_AMOUNT:
            raise BankError(f"The balance must be from 0 to {MAX_AMOUNT}", "balance")

    def work() -> list[Account]:
        accounts = [Account(owner=owner.strip(), balance=balance) for owner, balance in openings]
        db.session.add_all(accounts)
        db.session.flush()
        return accounts

    return run_transaction(db.session, work)


def transfer(from_id: UUID, to_id: UUID, amount: int) -> None:
    """Move ``amount`` from one account to another, which may leave the first overdrawn; raises BankError."""
    if not 1 <= amount <= MAX_AMOUNT:
        raise BankError(f"The amount must be from 1 to {MAX_AMOUNT}", "amount")
    if from_id == to_id:
        raise BankError("The two accounts must be different", "to_account")

    def work() -> None:
        # The database does the sum, so no other transfer can come between reading and writing. Always in the order
        # of the ids, so that two transfers between the same accounts never wait for each other.
        for account_id, change in sorted([(from_id, -amount), (to_id, amount)]):
            moved = db.session.execute(
                sa.update(Account).where(Account.id == account_id).values(balance=Account.balance + change)
            )
            assert isinstance(moved, CursorResult)
            if moved.rowcount != 1:
                field = "from_account" if account_id == from_id else "to_account"
                raise AccountNotFound(f"There is no account {account_id}", field)

    run_transaction(db.session, work)


def close_accounts(account_ids: Sequence[UUID]) -> None:
    """Delete accounts, those that are gone already included."""
    run_transaction(db.session, lambda: db.session.execute(sa.delete(Account).where(Account.id.in_(account_ids))))
