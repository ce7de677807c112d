"""The page with the accounts and the transfer form."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from example_app.bank import find_account, open_accounts

pytestmark = pytest.mark.databases("sqlite")


def read_token(client: FlaskClient) -> str:
    found = re.search(r'name="token" value="(\w+)"', client.get("/").text)
    assert found is not None
    return found[1]


def test_an_empty_bank_says_how_to_fill_it(client: FlaskClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "flask --app example_app bank run" in page.text
    assert "<form" not in page.text


def test_the_page_lists_accounts_and_escapes_names(client: FlaskClient) -> None:
    open_accounts([("<b>Ada</b>", 1234567)])
    page = client.get("/").text
    assert "&lt;b&gt;Ada&lt;/b&gt;" in page
    assert "<b>Ada" not in page
    assert "1,234,567" in page


def test_the_form_moves_money(client: FlaskClient) -> None:
    ada, grace = (account.id for account in open_accounts([("Ada", 100), ("Grace", 0)]))
    sent = {"token": read_token(client), "from_account": str(ada), "to_account": str(grace), "amount": "150"}
    answer = client.post("/transfers", data=sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert (find_account(ada).balance, find_account(grace).balance) == (-50, 150)
    page = client.get("/").text
    assert f"Moved 150 from {ada} to {grace}." in page
    assert "overdrawn</span>" in page


def test_a_mistake_is_shown_beside_its_field_and_keeps_the_rest(client: FlaskClient) -> None:
    ada, _ = (account.id for account in open_accounts([("Ada", 100), ("Grace", 0)]))
    sent = {"token": read_token(client), "from_account": str(ada), "to_account": str(ada), "amount": "12"}
    answer = client.post("/transfers", data=sent)
    assert answer.status_code == 422
    assert 'id="to_account-error" role="alert">The two accounts must be different' in answer.text
    assert 'aria-describedby="to_account-error"' in answer.text
    assert 'value="12"' in answer.text
    assert re.search(rf'value="{ada}" selected', answer.text)


@pytest.mark.parametrize("token", [None, "", "wrong", "ü"])
def test_a_form_from_elsewhere_is_refused(client: FlaskClient, token: str | None) -> None:
    ada, grace = (account.id for account in open_accounts([("Ada", 100), ("Grace", 0)]))
    for has_visited in (False, True):
        if has_visited:
            read_token(client)
        sent = {"from_account": str(ada), "to_account": str(grace), "amount": "1"}
        answer = client.post("/transfers", data=sent if token is None else {**sent, "token": token})
        assert answer.status_code == 400
    assert find_account(ada).balance == 100


def test_an_unmigrated_database_names_the_command(unmigrated_bank: Flask) -> None:
    for path in ("/", "/api/accounts"):
        answer = unmigrated_bank.test_client().get(path)
        assert answer.status_code == 503
        assert "flask --app example_app db upgrade" in answer.text
