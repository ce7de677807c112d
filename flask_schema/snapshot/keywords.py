"""Keyword arguments of tables, keys and indexes for CockroachDB, beside those that its SQLAlchemy dialect has."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import registry

TTL_PARAMETERS: Final = (
    "ttl_expire_after", "ttl_expiration_expression", "ttl_job_cron", "ttl_select_batch_size", "ttl_delete_batch_size",
    "ttl_select_rate_limit", "ttl_delete_rate_limit", "ttl_row_stats_poll_interval", "ttl_pause", "ttl_label_metrics",
    "ttl_disable_changefeed_replication",
)  # fmt: skip
"""Storage parameters of row-level TTL. https://www.cockroachlabs.com/docs/stable/row-level-ttl#ttl-storage-parameters"""

KEYWORDS: Final[dict[type[Any], tuple[str, ...]]] = {
    sa.Table: (*TTL_PARAMETERS, "locality"),
    sa.Index: ("bucket_count", "storing", "not_visible"),
    sa.PrimaryKeyConstraint: ("bucket_count",),
}
"""By construct, without the prefix ``cockroachdb_``."""


def accept_keywords() -> None:
    """Let SQLAlchemy take ``sa.Table(..., cockroachdb_ttl_expire_after="30 days")`` and the like.

    It checks such keywords with the dialect of their prefix: the one of sqlalchemy-cockroachdb, or, where that is not
    installed, the one of ours that only writes SQL. Models that use them are to be imported afterwards.
    """
    if find_spec("sqlalchemy_cockroachdb") is None:
        registry.register("cockroachdb", "flask_schema.dialects.cockroachdb.writing", "CockroachdbWritingDialect")
        return
    for construct, names in KEYWORDS.items():
        for name in names:
            construct.argument_for("cockroachdb", name, None)
