"""``flask bank run`` and ``flask bank list``."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from example_app.bank import list_accounts


def test_the_bank_runs_as_in_the_tutorial(bank: Flask) -> None:
    done = bank.test_cli_runner().invoke(args=["bank", "run", "--seed", "1"])
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    created = [line for line in lines if line.startswith("Created new account with id ")]
    assert lines[0] == "Creating new accounts..."
    assert len(created) == 100
    found = re.search(
        r"Random account balances:\nAccount (\S+): (\d+)\nAccount (\S+): (\d+)\n"
        r"Transferring (\d+) from account \1 to account \3\.\.\.\nTransfer complete\.\n"
        r"New balances:\nAccount \1: (-?\d+)\nAccount \3: (\d+)\nDeleting existing accounts\.\.\.\n",
        done.output,
    )
    assert found is not None, done.output
    before_from, before_to, amount, after_from, after_to = (int(found[n]) for n in (2, 4, 5, 6, 7))
    assert amount == max(1, before_from // 2)
    assert (after_from, after_to) == (before_from - amount, before_to + amount)
    assert sum(line.startswith("Deleted account ") for line in lines) == 5
    left = list_accounts(200)
    assert len(left) == 95
    opened_total = sum(int(line.rstrip(".").split()[-1]) for line in created)
    deleted = {line.rstrip(".").split()[-1] for line in lines if line.startswith("Deleted account ")}
    deleted_total = sum(int(line.rstrip(".").split()[-1]) for line in created if line.split()[5] in deleted)
    assert sum(account.balance for account in left) == opened_total - deleted_total


@pytest.mark.databases("sqlite")
def test_too_few_accounts_are_a_usage_error(bank: Flask) -> None:
    done = bank.test_cli_runner().invoke(args=["bank", "run", "--accounts", "6"])
    assert done.exit_code == 2
    assert list_accounts(1) == []


@pytest.mark.databases("sqlite")
def test_list_shows_some_accounts(bank: Flask) -> None:
    bank.test_cli_runner().invoke(args=["bank", "run", "--accounts", "10"])
    done = bank.test_cli_runner().invoke(args=["bank", "list", "--limit", "3"])
    assert len(done.output.splitlines()) == 3
