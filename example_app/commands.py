"""``flask bank ...``: the bank at work, for looking at."""

from __future__ import annotations

import random
from uuid import UUID

import click
from flask.cli import AppGroup

from example_app.bank import close_accounts, find_account, list_accounts, open_accounts, transfer

bank = AppGroup("bank", help="Watch the bank at work.")

OWNERS = ("Ada", "Blaise", "Carl", "Dorothy", "Emmy", "Fibonacci", "Grace", "Hypatia", "Isaac", "Joan")


@bank.command("run")
@click.option(
    "--accounts", "account_count", default=100, show_default=True, type=click.IntRange(min=7), help="To open."
)
@click.option("--seed", type=int, help="Makes the random choices repeatable (but not the accounts' ids).")
def run(account_count: int, seed: int | None) -> None:
    """Open accounts, move half a balance between two of them, and close five."""
    chance = random.Random(seed)  # noqa: S311 - plays, guards no secret

    click.echo("Creating new accounts...")
    opened = open_accounts([(chance.choice(OWNERS), chance.randint(1, 1_000_000)) for _ in range(account_count)])
    for account in opened:
        click.echo(f"Created new account with id {account.id} and balance {account.balance}.")

    from_id, to_id, *rest = chance.sample([account.id for account in opened], 7)
    click.echo("Random account balances:")
    print_balances(from_id, to_id)
    amount = max(1, find_account(from_id).balance // 2)
    click.echo(f"Transferring {amount} from account {from_id} to account {to_id}...")
    transfer(from_id, to_id, amount)
    click.echo("Transfer complete.")
    click.echo("New balances:")
    print_balances(from_id, to_id)

    click.echo("Deleting existing accounts...")
    close_accounts(rest)
    for account_id in rest:
        click.echo(f"Deleted account {account_id}.")


@bank.command("list")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1), help="How many to show.")
def list_some(limit: int) -> None:
    """Show accounts, one a line."""
    for account in list_accounts(limit):
        click.echo(
            f"{account.id}  {account.balance:>15}  {'overdrawn' if account.overdrawn else '':<9}  {account.owner}"
        )


def print_balances(*account_ids: UUID) -> None:
    """Print the balances of accounts as they are now."""
    for account_id in account_ids:
        click.echo(f"Account {account_id}: {find_account(account_id).balance}")
