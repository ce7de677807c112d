"""What the bank keeps: accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The base of all models."""


db = SQLAlchemy(model_class=Base)

if TYPE_CHECKING:  # Flask-SQLAlchemy makes `db.Model` while running, where a type checker cannot see it
    Model = Base
else:
    Model = db.Model


class Account(Model):
    """An account. Its balance is in whole units of the bank's one currency, and may be negative."""

    __tablename__ = "accounts"

    id: Mapped[UUID] = mapped_column(sa.Uuid, primary_key=True, default=uuid4)
    balance: Mapped[int] = mapped_column(sa.BigInteger)
    overdrawn: Mapped[bool | None] = mapped_column(
        sa.Boolean, sa.Computed("CASE WHEN balance < 0 THEN true ELSE false END", persisted=True)
    )
    owner: Mapped[str] = mapped_column(sa.String(80))
