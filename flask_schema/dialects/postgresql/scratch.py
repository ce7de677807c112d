"""Asks the server what a text means: builds the model's version of it in the temporary schema and reads it back.

Everything happens in one DO block, in which each table is built inside a subtransaction that is rolled back:
nothing stays, no lock is kept, and an expression that the server refuses spoils nothing but itself. The temporary
schema needs no right to create schemas, and its types and tables come first when names are looked up.
https://www.postgresql.org/docs/current/plpgsql-control-structures.html#PLPGSQL-ERROR-TRAPPING
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import field
from typing import Any

import sqlalchemy as sa

from flask_schema.dialects.postgresql.catalog import CHECK_TEXT, INDEX_SOURCES, index_details
from flask_schema.values import dataclass

SCRATCH_SCHEMA = "pg_temp"
SCRATCH_TABLE = "flask_schema_scratch"
"""The name of a table whose own one does not matter."""


def _read(version: tuple[int, ...]) -> str:
    """The expression that describes the table ``built``."""
    return f"""jsonb_build_object(
        'columns', (SELECT jsonb_object_agg(a.attname, jsonb_build_array(format_type(a.atttypid, a.atttypmod),
                        pg_get_expr(e.adbin, e.adrelid, true), a.attnum, co.collname, a.attgenerated))
                    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
                    LEFT JOIN pg_attrdef e ON e.adrelid = a.attrelid AND e.adnum = a.attnum
                    LEFT JOIN pg_collation co ON co.oid = a.attcollation AND a.attcollation <> t.typcollation
                    WHERE a.attrelid = built AND a.attnum > 0),
        'checks', (SELECT jsonb_object_agg(k.conname, {CHECK_TEXT})
                   FROM pg_constraint k WHERE k.conrelid = built AND k.contype = 'c'),
        'indexes', (SELECT jsonb_object_agg(x.relname, jsonb_build_array({index_details(version)}))
                    FROM {INDEX_SOURCES} WHERE i.indrelid = built),
        'failed', failed)"""


_BLOCK = """
DO $flask_schema$
DECLARE
    job jsonb;
    step jsonb;
    built regclass;
    failed jsonb;
    found jsonb;
    answers text[] := '{{}}';
BEGIN
    FOR job IN SELECT value FROM jsonb_array_elements({jobs}::jsonb) LOOP
        failed := '{{}}';
        found := NULL;
        BEGIN
            FOR step IN SELECT value FROM jsonb_array_elements(job->'steps') LOOP
                BEGIN
                    EXECUTE step->>1;
                EXCEPTION WHEN OTHERS THEN
                    failed := failed || jsonb_build_object(step->>0, SQLERRM);
                END;
            END LOOP;
            built := to_regclass(job->>'table');
            IF job->>'path' IS NOT NULL THEN
                PERFORM set_config('search_path', job->>'path', true);
            END IF;
            SELECT {read} INTO found;
            RAISE EXCEPTION 'undo' USING ERRCODE = 'FSU01';
        EXCEPTION WHEN OTHERS THEN
            IF SQLSTATE <> 'FSU01' THEN
                found := jsonb_build_object('failed', jsonb_build_object('table', SQLERRM));
            END IF;
        END;
        answers := answers || found::text;
    END LOOP;
    PERFORM set_config('flask_schema.answers', '[' || array_to_string(answers, ',') || ']', false);
END
$flask_schema$
"""
_NEWEST = (18,)
_ANSWER = "SELECT current_setting('flask_schema.answers'), set_config('flask_schema.answers', '', false)"


@dataclass(slots=True)
class Job:
    """A table to build: ``steps`` are pairs of a key and a statement, ``table`` its name as SQL in the scratch schema.

    ``search_path`` is what names are qualified against when it is read, None for the session's own.
    """

    table: str
    steps: list[tuple[str, str]] = field(default_factory=list)
    search_path: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server made of a job: ``failed`` holds the message for each key that it refused.

    ``columns`` are lists by name: type, default or expression, number, collation, kind of generation.
    ``checks`` are expressions by constraint name, ``indexes`` rows as ``index_rows.index_of`` takes them, by name.
    """

    columns: dict[str, list[Any]] = field(default_factory=dict)
    checks: dict[str, str] = field(default_factory=dict)
    indexes: dict[str, list[Any]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def ask(connection: sa.Connection, jobs: Sequence[Job], version: tuple[int, ...] = ()) -> list[Answer]:
    """The answers to ``jobs`` in order, in two statements; equal ones are asked once. Leaves nothing behind."""
    places: dict[tuple[Any, ...], int] = {}
    asked = [places.setdefault((one.table, tuple(one.steps), one.search_path), len(places)) for one in jobs]
    answers = _answers(connection, [{"table": key[0], "steps": key[1], "path": key[2]} for key in places], version)
    return [answers[place] for place in asked]


def _answers(connection: sa.Connection, jobs: list[dict[str, Any]], version: tuple[int, ...]) -> list[Answer]:
    given = json.dumps(jobs)
    tag = "$flask_schema_jobs$"
    given = given.replace("$", "\\u0024")  # no text ends the quoting
    block = _BLOCK.format(jobs=f"{tag}{given}{tag}", read=_read(version or _NEWEST))
    options = {"no_parameters": True}
    connection.exec_driver_sql(block, execution_options=options)
    answered = connection.exec_driver_sql(_ANSWER, execution_options=options).one()[0]
    return [
        Answer(*({} if one.get(key) is None else one[key] for key in ("columns", "checks", "indexes", "failed")))
        for one in json.loads(answered)
    ]
