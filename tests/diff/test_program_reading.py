"""The order in which views and functions are made."""

from __future__ import annotations

from flask_schema.diff.program_reading import Key, Program, in_reading_order
from flask_schema.snapshot.elements import Function, QualifiedName, View


def _view(name: str, text: str) -> tuple[Key, Program]:
    return ("view", QualifiedName(name), ""), View(QualifiedName(name), text)


def _function(name: str, text: str) -> tuple[Key, Program]:
    return ("function", QualifiedName(name), ""), Function(QualifiedName(name), text, "")


def _order(*programs: tuple[Key, Program]) -> list[str]:
    return [key[1].name for key in in_reading_order(dict(programs))]


def test_what_is_read_comes_first() -> None:
    assert _order(_view("a", "SELECT * FROM b"), _view("b", "SELECT f(1)"), _function("f", "CREATE FUNCTION f()")) == [
        "f",
        "b",
        "a",
    ]


def test_the_body_of_a_function_counts_where_nothing_speaks_against_it() -> None:
    body = "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT count(*) FROM z $$"
    assert _order(_function("f", body), _view("z", "SELECT 1")) == ["z", "f"]


def test_a_circle_is_broken_at_the_body_of_a_function() -> None:
    body = "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT count(*) FROM b); END $$"
    circle = (_view("a", "SELECT f()"), _view("b", "SELECT * FROM a"), _function("f", body))
    assert _order(*circle) == ["f", "a", "b"]
    assert _order(*reversed(circle)) == ["f", "a", "b"]
