"""create accounts

Revision ID: 4f1c2a9be0d7
Revises: <base>
Create Date: 2026-01-12 09:14:03
"""

import sqlalchemy as sa

from flask_schema import op

revision: str = "4f1c2a9be0d7"
down_revision: str | tuple[str, ...] | None = None
branch_labels: str | tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    op.drop_table("accounts")
