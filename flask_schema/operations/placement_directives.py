"""Directives for how long rows live and where: what CockroachDB's tables have beside columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask_schema.errors import UsageError
from flask_schema.operations import placement
from flask_schema.operations.operation import UNSET, Operation
from flask_schema.operations.placement import TTL
from flask_schema.snapshot.elements import Options, QualifiedName
from flask_schema.snapshot.from_sqlalchemy import frozen_options
from flask_schema.snapshot.keywords import TTL_PARAMETERS


class PlacementDirectives:
    """Part of ``op``."""

    def _hear(self, operation: Operation) -> Any:
        raise NotImplementedError

    def set_row_ttl(
        self,
        table_name: str,
        *,
        expire_after: str | timedelta | None = None,
        expiration_expression: str | None = None,
        schema: str | None = None,
        existing: Mapping[str, Any] | None = None,
        **parameters: Any,
    ) -> None:
        """Let rows expire: some time after they were written, or when ``expiration_expression`` says.

        Other ``parameters`` are CockroachDB's, without ``ttl_``: ``job_cron``, ``delete_batch_size`` and so on.
        ``existing`` holds those that the table has, for the way back ({} for none); what it holds and is not given is
        reset. Raises UsageError for a parameter that there is not.
        """
        given = {"expire_after": expire_after, "expiration_expression": expiration_expression, **parameters}
        said = _ttl_options(given)
        if not said:
            raise UsageError("op.set_row_ttl needs expire_after or expiration_expression")
        before = _ttl_options(existing) if existing is not None else None
        self._hear(placement.SetRowTtl(QualifiedName(table_name, schema), said, before))

    def remove_row_ttl(
        self, table_name: str, *, schema: str | None = None, existing: Mapping[str, Any] | None = None
    ) -> None:
        """Let all rows live on; ``existing`` are the parameters of ``set_row_ttl`` that the table has."""
        before = _ttl_options(existing) if existing is not None else None
        self._hear(placement.RemoveRowTtl(QualifiedName(table_name, schema), before))

    def set_locality(
        self,
        table_name: str,
        locality: str | None,
        *,
        schema: str | None = None,
        existing_locality: str | bool | None = False,
    ) -> None:
        """Say where rows are kept: ``GLOBAL``, ``REGIONAL BY ROW``, ``REGIONAL BY TABLE IN "us-east1"``.

        None is the database's own, ``REGIONAL BY TABLE IN PRIMARY REGION``. ``existing_locality`` is for the way back.
        """
        before = UNSET if existing_locality is False or existing_locality is True else existing_locality
        self._hear(placement.SetLocality(QualifiedName(table_name, schema), locality, before))


def _ttl_options(given: Mapping[str, Any]) -> Options:
    unknown = sorted(f"{TTL}{name}" for name in given if f"{TTL}{name}" not in TTL_PARAMETERS)
    if unknown:
        known = ", ".join(name.removeprefix(TTL) for name in TTL_PARAMETERS)
        raise UsageError(f"row-level TTL has no parameter {unknown[0]}", hint=f"parameters are {known}")
    return frozen_options({f"{TTL}{name}": _interval(value) for name, value in given.items()})


def _interval(value: Any) -> Any:
    return f"{value.total_seconds():g} seconds" if isinstance(value, timedelta) else value
