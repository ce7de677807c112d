"""name the owners

Every account gets an owner's name. Those that are there already are named after their ids until their owners are
asked.

Revision ID: e7b3f06c5a92
Revises: c2e94d18a75b
Create Date: 2026-02-17 14:22:10
"""

import sqlalchemy as sa

from flask_schema import op

revision: str = "e7b3f06c5a92"
down_revision: str | tuple[str, ...] | None = "c2e94d18a75b"
branch_labels: str | tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None

# The table as it is at this revision: the models of the application go on changing, this file must not.
accounts = sa.table("accounts", sa.column("id", sa.Uuid()), sa.column("owner", sa.String()))


def upgrade() -> None:
    op.add_column("accounts", sa.Column("owner", sa.String(length=80), nullable=True))
    name = sa.literal("Owner of ") + sa.func.substr(sa.cast(accounts.c.id, sa.String(36)), 1, 8)
    op.execute(accounts.update().where(accounts.c.owner.is_(None)).values(owner=name))
    with op.batch_alter_table("accounts") as batch:
        batch.alter_column("owner", existing_type=sa.String(length=80), nullable=False)


def downgrade() -> None:
    op.drop_column("accounts", "owner")
