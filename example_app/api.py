"""The bank as JSON: ``/api/accounts`` and ``/api/transfers``.

Every refusal is an object with the key ``error`` and, where one input is at fault, ``field``: 400 for what is not
JSON or not an object, 404 for an account that is not there, 422 for values that cannot be, 415 for another
content type.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request, url_for
from werkzeug.exceptions import BadRequest, HTTPException

from example_app.bank import AccountNotFound, BankError, find_account, list_accounts, open_accounts, transfer
from example_app.models import Account

blueprint = Blueprint("api", __name__, url_prefix="/api")

MAX_PAGE_SIZE = 1000


@blueprint.get("/accounts")
def get_accounts() -> Response:
    """Accounts in the order of their ids: ``?limit=100&after=ID``; ``next`` is the link to the rest, or null."""
    limit = read_whole_number(request.args.get("limit", "100"), "limit")
    if not 1 <= limit <= MAX_PAGE_SIZE:
        raise BankError(f"limit must be from 1 to {MAX_PAGE_SIZE}", "limit")
    after = request.args.get("after")
    accounts = list_accounts(limit, read_id(after, "after") if after is not None else None)
    more = url_for("api.get_accounts", limit=limit, after=accounts[-1].id) if len(accounts) == limit else None
    return jsonify(accounts=[describe(account) for account in accounts], next=more)


@blueprint.post("/accounts")
def post_account() -> tuple[Response, int, dict[str, str]]:
    """Open an account: ``{"owner": "Ada", "balance": 100}``."""
    given = read_object("owner", "balance")
    owner = given.get("owner")
    if not isinstance(owner, str):
        raise BankError("owner must be a string", "owner")
    [account] = open_accounts([(owner, read_whole_number(given.get("balance", 0), "balance"))])
    return jsonify(describe(account)), 201, {"Location": url_for("api.get_account", account_id=account.id)}


@blueprint.get("/accounts/<uuid:account_id>")
def get_account(account_id: UUID) -> Response:
    """One account."""
    return jsonify(describe(find_account(account_id)))


@blueprint.post("/transfers")
def post_transfer() -> tuple[Response, int]:
    """Move money: ``{"from_account": ID, "to_account": ID, "amount": 25}``; answers with both accounts."""
    given = read_object("from_account", "to_account", "amount")
    from_id = read_id(given.get("from_account"), "from_account")
    to_id = read_id(given.get("to_account"), "to_account")
    amount = read_whole_number(given.get("amount"), "amount")
    transfer(from_id, to_id, amount)
    return jsonify(
        amount=amount, from_account=describe(find_account(from_id)), to_account=describe(find_account(to_id))
    ), 201


@blueprint.errorhandler(BankError)
def refuse(error: BankError) -> tuple[Response, int]:
    """Say why the bank refuses."""
    is_missing_page = isinstance(error, AccountNotFound) and error.field is None
    answer = {"error": str(error), **({"field": error.field} if error.field else {})}
    return jsonify(answer), 404 if is_missing_page else 422


@blueprint.errorhandler(HTTPException)
def refuse_request(error: HTTPException) -> tuple[Response, int]:
    """Say in JSON what is wrong with the request itself."""
    return jsonify(error=error.description), error.code or 500


def describe(account: Account) -> dict[str, Any]:
    """Return an account as JSON shows it."""
    return {
        "id": str(account.id),
        "owner": account.owner,
        "balance": account.balance,
        "overdrawn": bool(account.overdrawn),
    }


def read_object(*allowed: str) -> dict[str, Any]:
    """Return the request's JSON object, which may have the keys ``allowed``; raises BadRequest, BankError."""
    given = request.get_json()
    if not isinstance(given, dict):
        raise BadRequest("The body must be a JSON object")
    for key in given:
        if key not in allowed:
            raise BankError(f"{key} is not known here; there are {', '.join(allowed)}", key)
    return given


def read_id(value: object, field: str) -> UUID:
    """Return the account id that ``value`` spells; raises BankError."""
    try:
        return UUID(value if isinstance(value, str) else "")
    except ValueError:
        raise BankError(f"{field} must be the id of an account", field) from None


def read_whole_number(value: object, field: str) -> int:
    """Return ``value`` as int, from JSON's number or from the digits of a form; raises BankError."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        return int(value.strip()[:20])  # more digits are beyond every limit here, and slow to convert
    raise BankError(f"{field} must be a whole number", field)
