"""keep old balances for a week

On CockroachDB, replaced and deleted rows stay readable (SELECT ... AS OF SYSTEM TIME) until they are collected.
The auditors want a week instead of some hours. The other databases have nothing of the kind.

Revision ID: c2e94d18a75b
Revises: 8d05b7c3f621
Create Date: 2026-02-03 11:05:27
"""

from flask_schema import op

revision = "c2e94d18a75b"
down_revision = "8d05b7c3f621"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name == "cockroachdb":
        op.execute("ALTER TABLE accounts CONFIGURE ZONE USING gc.ttlseconds = 604800")


def downgrade() -> None:
    if op.get_context().dialect.name == "cockroachdb":
        op.execute("ALTER TABLE accounts CONFIGURE ZONE USING gc.ttlseconds = COPY FROM PARENT")
