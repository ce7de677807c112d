"""Keyword arguments of tables, keys and indexes for CockroachDB, beside those that its SQLAlchemy dialect has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.sql.base import DialectKWArgs

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

    It checks such keywords with the dialect of their prefix, which it loads for the first of them: the one of
    sqlalchemy-cockroachdb with ours added, or, where that is not installed, the one of ours that only writes SQL.
    Models that use them are to be imported afterwards.
    """
    place, name = "flask_schema.dialects.cockroachdb.writing", "CockroachdbWritingDialect"
    if find_spec("sqlalchemy_cockroachdb") is not None:
        if "cockroachdb" in DialectKWArgs._kw_registry:
            _add_keywords()
            return
        place, name = "flask_schema.dialects.cockroachdb.known_keywords", "Dialect"
    registry.register("cockroachdb", place, name)


def _add_keywords() -> None:
    for construct, names in KEYWORDS.items():
        for name in names:
            construct.argument_for("cockroachdb", name, None)


def with_keywords(known: Iterable[tuple[type[Any], Mapping[str, Any]]]) -> list[tuple[type[Any], dict[str, Any]]]:
    """A dialect's ``construct_arguments`` with those of ours, which have no default."""
    arguments = {construct: dict(names) for construct, names in known}
    for construct, names in KEYWORDS.items():
        arguments[construct] = {**dict.fromkeys(names), **arguments.get(construct, {})}
    return list(arguments.items())
