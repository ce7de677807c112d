"""The JSON routes."""

from __future__ import annotations

from uuid import uuid4

import pytest
from flask.testing import FlaskClient


def open_account(client: FlaskClient, owner: str, balance: int) -> str:
    answer = client.post("/api/accounts", json={"owner": owner, "balance": balance})
    assert answer.status_code == 201
    assert answer.json is not None
    assert answer.headers["Location"] == f"/api/accounts/{answer.json['id']}"
    return str(answer.json["id"])


def test_an_account_is_opened_and_read(client: FlaskClient) -> None:
    account_id = open_account(client, "Ada", 7)
    answer = client.get(f"/api/accounts/{account_id}")
    assert answer.status_code == 200
    assert answer.json == {"id": account_id, "owner": "Ada", "balance": 7, "overdrawn": False}


def test_a_transfer_answers_with_both_accounts(client: FlaskClient) -> None:
    ada, grace = open_account(client, "Ada", 5), open_account(client, "Grace", 0)
    answer = client.post("/api/transfers", json={"from_account": ada, "to_account": grace, "amount": 8})
    assert answer.status_code == 201
    assert answer.json == {
        "amount": 8,
        "from_account": {"id": ada, "owner": "Ada", "balance": -3, "overdrawn": True},
        "to_account": {"id": grace, "owner": "Grace", "balance": 8, "overdrawn": False},
    }


@pytest.mark.databases("sqlite")
def test_the_list_leads_from_page_to_page(client: FlaskClient) -> None:
    opened = {open_account(client, f"Owner {number}", number) for number in range(5)}
    seen: list[str] = []
    link: str | None = "/api/accounts?limit=2"
    while link is not None:
        page = client.get(link).json
        assert page is not None
        seen += [account["id"] for account in page["accounts"]]
        link = page["next"]
    assert sorted(seen) == seen
    assert set(seen) == opened


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "owner"),
        ({"owner": 5}, "owner"),
        ({"owner": ""}, "owner"),
        ({"owner": "Ada", "balance": 1.5}, "balance"),
        ({"owner": "Ada", "balance": True}, "balance"),
        ({"owner": "Ada", "balance": None}, "balance"),
        ({"owner": "Ada", "balance": "1e3"}, "balance"),
        ({"owner": "Ada", "balance": -1}, "balance"),
        ({"owner": "Ada", "overdrawn": True}, "overdrawn"),
    ],
)
def test_what_is_no_account_is_refused(client: FlaskClient, body: object, field: str) -> None:
    answer = client.post("/api/accounts", json=body)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["field"] == field
    assert client.get("/api/accounts").json == {"accounts": [], "next": None}


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"from_account": "nonsense"}, "from_account"),
        ({"from_account": None}, "from_account"),
        ({"to_account": str(uuid4())}, "to_account"),
        ({"amount": 0}, "amount"),
        ({"amount": "ten"}, "amount"),
        ({"amount": 10**30}, "amount"),
        ({"note": "thanks"}, "note"),
    ],
)
def test_what_is_no_transfer_is_refused(client: FlaskClient, change: dict[str, object], field: str) -> None:
    ada, grace = open_account(client, "Ada", 5), open_account(client, "Grace", 0)
    answer = client.post("/api/transfers", json={"from_account": ada, "to_account": grace, "amount": 1, **change})
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["field"] == field
    assert {account["balance"] for account in client.get("/api/accounts").get_json()["accounts"]} == {0, 5}


@pytest.mark.databases("sqlite")
def test_the_request_itself_can_be_wrong(client: FlaskClient) -> None:
    assert client.get(f"/api/accounts/{uuid4()}").status_code == 404
    assert client.get("/api/accounts/nonsense").status_code == 404
    assert client.get("/api/accounts?limit=0").status_code == 422
    assert client.get("/api/accounts?limit=9999").status_code == 422
    assert client.get("/api/accounts?after=nonsense").status_code == 422
    assert client.post("/api/accounts", data="{}").status_code == 415
    broken = client.post("/api/accounts", data="{", content_type="application/json")
    assert broken.status_code == 400
    assert broken.json is not None
    assert client.post("/api/accounts", json=[1]).status_code == 400
    assert client.delete("/api/accounts").status_code == 405
