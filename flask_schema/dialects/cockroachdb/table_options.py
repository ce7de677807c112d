"""Row-level TTL and locality: as statements, and as the catalog shows them.

https://www.cockroachlabs.com/docs/stable/row-level-ttl, https://www.cockroachlabs.com/docs/stable/table-localities
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from flask_schema.dialects.cockroachdb.spelling import without_casts
from flask_schema.dialects.compiler import Compiler
from flask_schema.dialects.postgresql.expressions import literal
from flask_schema.dialects.statement import Statement
from flask_schema.operations import placement
from flask_schema.operations.placement import LOCALITY, TTL
from flask_schema.snapshot.elements import Options, Table

DEFAULT_LOCALITY: Final = "REGIONAL BY TABLE IN PRIMARY REGION"
REGIONS: Final = "crdb_internal_region"
"""The enum type that a database of several regions has; its columns are hidden ones."""

_NOISE: Final = {"ttl_job_cron": ("@hourly", "@daily"), "ttl_automatic_column": ("on",)}
"""What the catalog shows though nobody said it."""
_INTERVALS: Final = frozenset({"ttl_expire_after", "ttl_row_stats_poll_interval"})
_PART = re.compile(r"(-?\d+(?:\.\d+)?)\s*([a-z]+)|(-?)(\d+):(\d\d)(?::(\d\d(?:\.\d+)?))?", re.IGNORECASE)
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}
_MONTHS: Final = {"mon": 1, "y": 12}
_DAYS: Final = {"d": 1, "w": 7}


class CockroachdbTableOptions(Compiler):
    """The part of the compiler for them."""

    def set_row_ttl(self, operation: placement.SetRowTtl) -> Iterable[str | Statement]:
        """SET what is said, RESET what is not said any more."""
        after, before = dict(operation.parameters), dict(operation.before or ())
        changed = tuple((name, value) for name, value in after.items() if before.get(name) != value)
        if changed:
            yield self.alter_table(operation.table, f"SET ({', '.join(parameters_sql(changed))})")
        gone = sorted(before.keys() - after.keys())
        if gone:
            yield self.alter_table(operation.table, f"RESET ({', '.join(gone)})")

    def remove_row_ttl(self, operation: placement.RemoveRowTtl) -> Iterable[str | Statement]:
        yield self.alter_table(operation.table, "RESET (ttl)")

    def set_locality(self, operation: placement.SetLocality) -> Iterable[str | Statement]:
        yield self.alter_table(operation.table, f"SET LOCALITY {operation.after or DEFAULT_LOCALITY}")


def parameters_sql(parameters: Options) -> Iterator[str]:
    """Storage parameters as they stand in brackets: ``ttl_expire_after = '30 days'``."""
    for name, value in parameters:
        yield f"{name} = {parameter_sql(value)}"


def parameter_sql(value: Any) -> str:
    """A storage parameter's value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else literal(str(value))


def with_storage(table: Table) -> tuple[Table, str]:
    """The table with its TTL among the storage parameters, and what stands behind them for its locality."""
    options = dict(table.options)
    locality = options.pop(LOCALITY, None)
    ttl = {name: parameter_sql(options.pop(name)) for name in sorted(options) if name.startswith(TTL)}
    if ttl:
        options["with"] = tuple(sorted({**dict(options.get("with") or ()), **ttl}.items()))
    written = replace(table, options=tuple(sorted(options.items())))
    return written, f" LOCALITY {locality}" if locality is not None else ""


# -- comparing ----------------------------------------------------------------------------------


def options_of(storage: Iterable[str], locality: str | None) -> Options:
    """What a table's ``reloptions`` and its locality say, without what nobody said.

    ``reloptions`` are texts like ``ttl_expire_after='30 days':::INTERVAL``.
    """
    found: dict[str, Any] = {}
    for one in storage:
        name, _, value = one.partition("=")
        bare = without_casts(value).strip().removeprefix("e'").strip("'").replace("''", "'")
        if name.startswith(TTL) and bare not in _NOISE.get(name, ()):
            found[name] = int(bare) if bare.isdigit() else bare
    if locality is not None and locality_key(locality) != locality_key(DEFAULT_LOCALITY):
        found[LOCALITY] = locality
    return tuple(sorted(found.items()))


def settled_options(before: Options, after: Options) -> Options:
    """``before`` with the values of ``after`` where both mean the same."""
    wanted = dict(after)
    return tuple(
        (name, wanted[name] if name in wanted and _key(name, wanted[name]) == _key(name, value) else value)
        for name, value in before
    )


def canonical_options(options: Options) -> Options:
    """A table's options without a locality that it would have anyway, and without a TTL job's usual times."""
    return tuple(
        (name, value)
        for name, value in options
        if not (name == LOCALITY and locality_key(str(value)) == locality_key(DEFAULT_LOCALITY))
        and value not in _NOISE.get(name, ())
    )


def _key(name: str, value: Any) -> object:
    if name in _INTERVALS:
        return interval_key(str(value))
    if name == LOCALITY:
        return locality_key(str(value))
    return {"on": "true", "off": "false"}.get(str(value).lower(), str(value).lower())


def locality_key(text: str) -> str:
    """A locality in one spelling; REGIONAL BY TABLE alone means the primary region."""
    words = " ".join(part if place % 2 else part.upper() for place, part in enumerate(text.split('"')))
    words = " ".join(words.split())
    return DEFAULT_LOCALITY if words == "REGIONAL BY TABLE" else words


def interval_key(text: str) -> object:
    """An interval as months, days and seconds; the text itself where it is none that is known."""
    months, days, seconds = 0.0, 0.0, 0.0
    rest = _PART.sub("", text).strip(" ,")
    if rest:
        return text
    for number, unit, sign, hours, minutes, rest_seconds in _PART.findall(text):
        if not unit:
            part = int(hours) * 3600 + int(minutes) * 60 + float(rest_seconds or 0)
            seconds += -part if sign else part
            continue
        word = unit.lower()
        if word.startswith(("mon", "y")):
            months += float(number) * _MONTHS["mon" if word.startswith("mon") else "y"]
        elif word[0] in _DAYS:
            days += float(number) * _DAYS[word[0]]
        elif word[0] in _SECONDS:
            seconds += float(number) * _SECONDS[word[0]]
        else:
            return text
    return (months, days, seconds)
