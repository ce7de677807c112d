"""Views, functions and triggers: read as the statements that create them, and judged by the server.

It keeps a view in words of its own, and of a function it shows the parts. Where a text of the models differs, the
thing is made under a scratch name, read back and dropped; MySQL has no temporary views to do that with. CREATE VIEW
commits the transaction of its connection, in which nothing has been changed then.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from flask_schema.dialects.mysql.expressions import quoted, tokens
from flask_schema.dialects.mysql.rows import Row, view_of
from flask_schema.snapshot.elements import Function, QualifiedName, Trigger, View
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass

SCRATCH = "flask_schema_scratch"
ROUTINES = "SELECT * FROM information_schema.ROUTINES WHERE {where} ORDER BY ROUTINE_NAME"
PARAMETERS = (
    "SELECT * FROM information_schema.PARAMETERS WHERE {where} AND ORDINAL_POSITION > 0 ORDER BY ORDINAL_POSITION"
)

_NAME = r"(?:`(?:[^`]|``)*`|[\w$]+)"
_HEAD = re.compile(
    rf"\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:DEFINER\s*=\s*\S+\s+)?(FUNCTION|PROCEDURE)\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    rf"{_NAME}(?:\s*\.\s*{_NAME})?\s*(?=\()",
    re.IGNORECASE,
)
_TRIGGER_NOISE = re.compile(
    r"\bDEFINER\s*=\s*\S+\s+(?=TRIGGER\b)|\bOR\s+REPLACE\s+(?=TRIGGER\b)|(?<=\bTRIGGER\s)\s*IF\s+NOT\s+EXISTS\b",
    re.IGNORECASE,
)
_LENGTH_IN_NOTE = 120


def canonical_programs(snapshot: Snapshot) -> Snapshot:
    """The snapshot with functions told apart by their names only: there are no overloads."""
    functions = [replace(one, arguments="") for one in snapshot.functions.values()]
    return replace(snapshot, functions={(one.name, ""): one for one in functions})


def routines_of(routines: Iterable[Row], parameters: Iterable[Row]) -> Iterator[tuple[str, Function]]:
    """Functions and procedures, each with its schema, from rows of ``ROUTINES`` and ``PARAMETERS``."""
    of_routine: dict[tuple[str, str], list[str]] = {}
    for row in parameters:
        mode = f"{row['parameter_mode']} " if row["routine_type"] == "PROCEDURE" else ""
        said = f"{mode}`{row['parameter_name']}` {row['dtd_identifier']}"
        of_routine.setdefault((row["specific_schema"], row["specific_name"]), []).append(said)
    for row in routines:
        name, kind = row["routine_name"], row["routine_type"]
        listed = ", ".join(of_routine.get((row["routine_schema"], name), ()))
        words = [f"CREATE {kind} `{name}`({listed})"]
        words += [f"RETURNS {row['dtd_identifier']}"] if kind == "FUNCTION" else []
        words += ["DETERMINISTIC"] if row["is_deterministic"] == "YES" else []
        words += [row["sql_data_access"]] if row["sql_data_access"] != "CONTAINS SQL" else []
        words += ["SQL SECURITY INVOKER"] if row["security_type"] == "INVOKER" else []
        words += [f"COMMENT {quoted(row['routine_comment'])}"] if row["routine_comment"] else []
        definition = " ".join([*words, row["routine_definition"] or ""])
        yield row["routine_schema"], Function(QualifiedName(name), definition, "", kind == "PROCEDURE")


@dataclass(slots=True)
class ProgramJudge:
    """Makes views and functions on one connection, reads them back and drops them."""

    connection: sa.Connection
    default_schema: str
    notes: list[str]

    def view(self, view: View) -> str:
        """The text of a view as the server keeps it; its own where the server refuses to say."""
        columns = dict(view.options).get("columns", ())
        listed = f" ({', '.join(f'`{one}`' for one in columns)})" if columns else ""
        make = f"CREATE OR REPLACE VIEW {SCRATCH}{listed} AS {view.definition}"
        where = f"TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{SCRATCH}'"
        query = f"SELECT * FROM information_schema.VIEWS WHERE {where}"
        rows = self._answer(f"view {view.name}", [make], [query], f"DROP VIEW IF EXISTS {SCRATCH}")
        return view_of(rows[0][0], view.name, self.default_schema).definition if rows else view.definition

    def function(self, function: Function) -> str:
        """The text of a function or procedure as it would be read back; its own where the server refuses to say."""
        head = _HEAD.match(function.definition)
        if head is None:
            return function.definition
        kind, rest = head[1].upper(), function.definition[head.end() :]
        queries = [
            ROUTINES.replace("{where}", f"ROUTINE_SCHEMA = DATABASE() AND ROUTINE_NAME = '{SCRATCH}'"),
            PARAMETERS.replace("{where}", f"SPECIFIC_SCHEMA = DATABASE() AND SPECIFIC_NAME = '{SCRATCH}'"),
        ]
        drop = f"DROP {kind} IF EXISTS {SCRATCH}"
        rows = self._answer(f"function {function.name}", [drop, f"CREATE {kind} {SCRATCH} {rest}"], queries, drop)
        return next(routines_of(*rows))[1].definition if rows else function.definition

    def _answer(self, what: str, make: Sequence[str], queries: Sequence[str], drop: str) -> list[list[Row]]:
        try:
            for sql in make:
                self._run(sql)
            try:
                return [self._rows(query) for query in queries]
            finally:
                self._run(drop)
        except sa.exc.DBAPIError as error:
            if not _names_what_is_missing(error):
                reason = str(error.orig)[:_LENGTH_IN_NOTE]
                self.notes.append(f"{what} was compared by its text only, since the server says: {reason}")
            return []

    def _run(self, sql: str) -> None:
        self.connection.exec_driver_sql(sql, execution_options={"no_parameters": True})

    def _rows(self, sql: str) -> list[Row]:
        result = self.connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
        return [
            {str(key).lower(): value.decode() if isinstance(value, bytes) else value for key, value in row.items()}
            for row in result.mappings()
        ]


def settle_programs(before: Snapshot, after: Snapshot, connection: sa.Connection | None, notes: list[str]) -> Snapshot:
    """``before`` with the views, functions and triggers of ``after`` that mean the same."""
    views, functions, triggers = dict(before.views), dict(before.functions), dict(before.triggers)
    judge = None
    if connection is not None and (before.views or before.functions):
        schema = connection.exec_driver_sql("SELECT DATABASE()").scalar_one()
        judge = ProgramJudge(connection, str(schema), notes)
    for name, view in _both(before.views, after.views):
        text = judge.view(view) if judge is not None else view.definition
        if view_key(text) == view_key(views[name].definition):
            views[name] = view
    for key, function in _both(before.functions, after.functions):
        text = judge.function(function) if judge is not None else function.definition
        same = function_key(text) == function_key(functions[key].definition)
        if same and functions[key].procedure == function.procedure:
            functions[key] = function
    for key, trigger in _both(before.triggers, after.triggers):
        if trigger_key(trigger) == trigger_key(triggers[key]):
            triggers[key] = trigger
    return replace(before, views=views, functions=functions, triggers=triggers)


def _both(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> Iterator[tuple[Any, Any]]:
    return ((key, one) for key, one in after.items() if key in before and before[key] != one)


def view_key(definition: str) -> tuple[str, ...]:
    """What two texts of a view have in common."""
    return _key(definition.strip().rstrip(";"))


def function_key(definition: str) -> tuple[str, ...]:
    """What two texts of a function have in common, its name left out."""
    head = _HEAD.match(definition)
    return _key(definition[head.end() :] if head is not None else definition)


def trigger_key(trigger: Trigger) -> tuple[str, ...]:
    """What two texts of a trigger have in common."""
    return _key(_TRIGGER_NOISE.sub("", trigger.definition.strip().rstrip(";")))


def _key(text: str) -> tuple[str, ...]:
    """Tokens without white space, names without quotes, words in lower case."""
    bare = (token[1:-1].replace("``", "`") if kind == "name" else token for kind, token in tokens(text))
    return tuple(one if one[:1] == "'" else one.lower() for one in bare)


def _names_what_is_missing(error: sa.exc.DBAPIError) -> bool:
    """Unknown table, column or function: it comes by the revision at hand."""
    arguments: Any = getattr(error.orig, "args", ())
    return bool(arguments) and arguments[0] in (1146, 1054, 1305)
