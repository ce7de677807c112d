"""add overdrawn column

Revision ID: 8d05b7c3f621
Revises: 4f1c2a9be0d7
Create Date: 2026-01-19 16:40:51
"""

import sqlalchemy as sa

from flask_schema import op

revision: str = "8d05b7c3f621"
down_revision: str | tuple[str, ...] | None = "4f1c2a9be0d7"
branch_labels: str | tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    op.add_column(
        "accounts",
        sa.Column(
            "overdrawn",
            sa.Boolean(),
            sa.Computed("CASE WHEN balance < 0 THEN true ELSE false END", persisted=True),
            nullable=True,
        ),
    )


def downgrade() -> None:
    op.drop_column("accounts", "overdrawn")
