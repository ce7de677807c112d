"""keep old balances for a week

On CockroachDB, replaced and deleted rows stay readable (SELECT ... AS OF SYSTEM TIME) until they are collected.
The auditors want a week instead of some hours. The other databases have nothing of the kind.

Revision ID: c2e94d18a75b
Revises: 8d05b7c3f621
Create Date: 2026-02-03 11:05:27
"""

from flask_schema import op

revision: str = "c2e94d18a75b"
down_revision: str | tuple[str, ...] | None = "8d05b7c3f621"
branch_labels: str | tuple[str, ...] | None = None
depends_on: str | tuple[str, ...] | None = None


def upgrade() -> None:
    if op.get_context().dialect.name == "cockroachdb":
        op.execute("ALTER TABLE accounts CONFIGURE ZONE USING gc.ttlseconds = 604800")


def downgrade() -> None:
    if op.get_context().dialect.name == "cockroachdb":
        op.execute("ALTER TABLE accounts CONFIGURE ZONE USING gc.ttlseconds = COPY FROM PARENT")
