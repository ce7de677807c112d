"""The bank as one page: the accounts, and a form that moves money between two of them."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as BaseResponse

from example_app.api import read_id, read_whole_number
from example_app.bank import BankError, list_accounts, transfer
from example_app.models import Account, db

blueprint = Blueprint("pages", __name__)

SHOWN_ACCOUNTS = 200


@blueprint.get("/")
def show_accounts() -> str:
    """The accounts and the form."""
    return render_page()


@blueprint.post("/transfers")
def make_transfer() -> BaseResponse | tuple[str, int]:
    """Move money and show the accounts again, or the form with what is wrong in it."""
    sent = request.form.get("token", "")
    if not secrets.compare_digest(sent.encode(), session.get("token", secrets.token_hex()).encode()):
        raise BadRequest("This form is too old, or was not sent from the bank's own page. Go back and reload it.")
    try:
        from_id = read_id(request.form.get("from_account"), "from_account")
        to_id = read_id(request.form.get("to_account"), "to_account")
        amount = read_whole_number(request.form.get("amount"), "amount")
        transfer(from_id, to_id, amount)
    except BankError as error:
        return render_page(error), 422
    flash(f"Moved {amount:,} from {from_id} to {to_id}.")
    return redirect(url_for("pages.show_accounts"), code=303)


@blueprint.app_errorhandler(DBAPIError)
def explain_missing_table(error: DBAPIError) -> Response:
    """Where the database was never migrated, say which command does it."""
    db.session.rollback()
    if sa.inspect(db.engine).has_table(Account.__tablename__):
        raise error
    text = "The database has no accounts table yet. Run:  flask --app example_app db upgrade\n"
    return Response(text, status=503, mimetype="text/plain")


def render_page(error: BankError | None = None) -> str:
    """Return the page; ``error`` is shown beside the field that it names."""
    token = session.setdefault("token", secrets.token_hex())
    accounts = list_accounts(SHOWN_ACCOUNTS)
    account_count, total = db.session.execute(sa.select(sa.func.count(), sa.func.sum(Account.balance))).one()
    return render_template(
        "accounts.html",
        accounts=accounts,
        account_count=account_count,
        total=int(total or 0),
        token=token,
        form=request.form,
        error=error,
    )
