"""Asks the server whether the models' views, functions and triggers are those of the database.

It keeps them in its own words. Each one whose text differs is built in the temporary schema, in a subtransaction that
is rolled back, and read back: then the server's words stand beside the server's words.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from flask_schema.dialects.postgresql.catalog import FUNCTION_INTERFACE, VIEW_INTERFACE
from flask_schema.dialects.postgresql.data_types import quoted
from flask_schema.dialects.postgresql.expressions import expression_key, literal
from flask_schema.dialects.postgresql.programs import function_body, function_on, trigger_on, view_sql
from flask_schema.dialects.postgresql.scratch import SCRATCH_SCHEMA
from flask_schema.snapshot.elements import Function, Index, QualifiedName, Trigger, View
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass

_BLOCK = """
DO $flask_schema$
DECLARE
    job jsonb;
    step text;
    found jsonb;
    answers jsonb := '[]';
BEGIN
    FOR job IN SELECT value FROM jsonb_array_elements({jobs}::jsonb) LOOP
        found := NULL;
        BEGIN
            PERFORM set_config('check_function_bodies', 'off', true);
            FOR step IN SELECT value FROM jsonb_array_elements_text(job->'steps') LOOP
                EXECUTE step;
            END LOOP;
            PERFORM set_config('search_path', job->>'path', true);
            EXECUTE job->>'read' INTO found;
            RAISE EXCEPTION 'undo' USING ERRCODE = 'FSU01';
        EXCEPTION WHEN OTHERS THEN
            IF SQLSTATE <> 'FSU01' THEN
                found := jsonb_build_object('failed', SQLERRM, 'state', SQLSTATE);
            END IF;
        END;
        answers := answers || jsonb_build_array(found);
    END LOOP;
    PERFORM set_config('flask_schema.answers', answers::text, false);
END
$flask_schema$
"""
_ANSWER = "SELECT current_setting('flask_schema.answers'), set_config('flask_schema.answers', '', false)"
_NOT_THERE_YET = frozenset({"42P01", "42703", "42883", "42704", "3F000"})
"""States that say that something which the text names is missing: it comes by the revision at hand."""
_READ_VIEW = f"""
    SELECT jsonb_build_array(pg_get_viewdef(c.oid, true), {VIEW_INTERFACE}) FROM pg_class c
    WHERE c.relnamespace = pg_my_temp_schema() AND c.relname = {{name}}"""
_READ_FUNCTION = f"""
    SELECT jsonb_build_array(pg_get_functiondef(p.oid), {FUNCTION_INTERFACE}) FROM pg_proc p
    WHERE p.pronamespace = pg_my_temp_schema() AND p.proname = {{name}}"""
_READ_TRIGGER = """
    SELECT jsonb_build_array(pg_get_triggerdef(g.oid, true), NULL) FROM pg_trigger g
    JOIN pg_class c ON c.oid = g.tgrelid WHERE c.relnamespace = pg_my_temp_schema() AND g.tgname = {name}"""


@dataclass(frozen=True, slots=True)
class _Question:
    """One program of both sides whose texts differ, and what is sent to have it judged."""

    kind: str
    key: Any
    before: Any
    after: Any
    steps: tuple[str, ...]
    read: str


def settle_programs(
    before: Snapshot, after: Snapshot, connection: sa.Connection | None, default_schema: str, notes: list[str]
) -> tuple[Snapshot, Snapshot]:
    """``before`` with those of ``after`` that mean the same; ``after`` with the interfaces of those that do not."""
    questions = [*_views(before, after), *_functions(before, after), *_triggers(before, after)]
    if not questions:
        return before, after
    if connection is None:
        answers: list[Any] = [None] * len(questions)
        notes.append("views, functions and triggers were compared by their text only: no database")
    else:
        answers = _ask(connection, questions, default_schema)
    old: dict[str, Any] = {kind: dict(getattr(before, kind)) for kind in ("views", "functions", "triggers")}
    new: dict[str, Any] = {kind: dict(getattr(after, kind)) for kind in old}
    for question, answer in zip(questions, answers, strict=True):
        _take(question, answer, old[question.kind], new[question.kind], notes)
    return replace(before, **old), replace(after, **new)


def _take(question: _Question, answer: Any, old: dict[Any, Any], new: dict[Any, Any], notes: list[str]) -> None:
    """Enter what the server said of one program: a list of its text and its interface, or why it failed."""
    before, after = question.before, question.after
    if isinstance(answer, dict):
        if answer["state"] not in _NOT_THERE_YET:
            called = question.kind.removesuffix("s")
            notes.append(
                f"{called} {after.name} was compared by its text only, since the server says: {answer['failed']}"
            )
        answer = None
    text, interface = answer if answer is not None else (after.definition, None)
    told = tuple(interface) if interface is not None else None
    if isinstance(after, View):
        same = _text_of_view(text) == _text_of_view(before.definition)
        if answer is None:
            same = same and before.options == after.options
        if same and _outside(before) == _outside(after):
            old[question.key] = replace(after, indexes=_indexes(before, after), interface=before.interface)
        new[question.key] = replace(after, interface=told)
    elif isinstance(after, Function):
        if function_body(text) == function_body(before.definition) and before.procedure == after.procedure:
            old[question.key] = replace(after, interface=before.interface)
        new[question.key] = replace(after, interface=told)
    elif _trigger_key(text, after) == _trigger_key(before.definition, before):
        old[question.key] = after


def _ask(connection: sa.Connection, questions: Iterable[_Question], default_schema: str) -> list[Any]:
    path = quoted(default_schema)
    given = json.dumps([{"steps": one.steps, "read": one.read, "path": path} for one in questions])
    tag = "$flask_schema_jobs$"
    block = _BLOCK.format(jobs=f"{tag}{given.replace('$', chr(92) + 'u0024')}{tag}")
    options = {"no_parameters": True}
    connection.exec_driver_sql(block, execution_options=options)
    answered = connection.exec_driver_sql(_ANSWER, execution_options=options).one()[0]
    answers: list[Any] = json.loads(answered)
    return answers


# -- questions ----------------------------------------------------------------------------------


def _views(before: Snapshot, after: Snapshot) -> Iterable[_Question]:
    for name, view in after.views.items():
        old = before.views.get(name)
        if old is not None and old != view:
            sql = view_sql(view, f"{SCRATCH_SCHEMA}.{quoted(name.name)}")
            read = _READ_VIEW.format(name=literal(name.name))
            yield _Question("views", name, old, view, (sql,), read)


def _functions(before: Snapshot, after: Snapshot) -> Iterable[_Question]:
    for key, function in after.functions.items():
        old = before.functions.get(key)
        sql = function_on(function, f"{SCRATCH_SCHEMA}.{quoted(function.name.name)}")
        if old is not None and old != function and sql is not None:
            read = _READ_FUNCTION.format(name=literal(function.name.name))
            yield _Question("functions", key, old, function, (sql,), read)


def _triggers(before: Snapshot, after: Snapshot) -> Iterable[_Question]:
    for key, trigger in after.triggers.items():
        old = before.triggers.get(key)
        if old is None or old == trigger:
            continue
        owner, scratch = _sql(trigger.table), f"{SCRATCH_SCHEMA}.{quoted(trigger.table.name)}"
        if trigger.table in before.views:
            stand_in = f"CREATE VIEW {scratch} AS SELECT * FROM {owner}"
        else:
            stand_in = f"CREATE TABLE {scratch} (LIKE {owner})"
        steps = (stand_in, trigger_on(trigger, scratch))
        yield _Question("triggers", key, old, trigger, steps, _READ_TRIGGER.format(name=literal(trigger.name)))


def _sql(name: QualifiedName) -> str:
    return f"{quoted(name.schema)}.{quoted(name.name)}" if name.schema else quoted(name.name)


# -- what two texts have in common --------------------------------------------------------------


def _text_of_view(definition: str) -> str:
    return expression_key(definition.strip().rstrip(";"))


def _trigger_key(text: str, trigger: Trigger) -> str:
    return expression_key(trigger_on(replace(trigger, definition=text), "t").strip().rstrip(";"))


def _outside(view: View) -> object:
    """What a view says beside its text and its indexes; the names of its columns are part of the server's text."""
    return (view.materialized, tuple(pair for pair in view.options if pair[0] != "columns"))


def _indexes(before: View, after: View) -> tuple[Index, ...]:
    """The indexes of ``before`` in the words of ``after`` where both say the same."""
    wanted = {one.name: one for one in after.indexes}

    def worded(index: Index) -> Index:
        other = wanted.get(index.name)
        if other is None or index == other:
            return index
        where = None if index.where is None else expression_key(index.where)
        other_where = None if other.where is None else expression_key(other.where)
        same = where == other_where and replace(index, where=None) == replace(other, where=None, method=_method(other))
        return other if same else index

    found = {one.name: worded(one) for one in before.indexes}
    first = [found.pop(one.name) for one in after.indexes if one.name in found]
    return (*first, *found.values())


def _method(index: Index) -> str | None:
    return None if index.method == "btree" else index.method
