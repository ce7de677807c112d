"""${message}

Revision ID: ${up_revision}
Revises: ${comma(down_revision) or "<base>"}
Create Date: ${create_date}
"""

${imports}

revision: str = ${literal(up_revision)}
down_revision: str | tuple[str, ...] | None = ${literal(down_revision)}
branch_labels: str | tuple[str, ...] | None = ${literal(branch_labels)}
depends_on: str | tuple[str, ...] | None = ${literal(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
