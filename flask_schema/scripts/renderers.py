"""The renderers: one function a directive, named as the directive."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from flask_schema.scripts.layout import Statement
from flask_schema.scripts.page import Page

Renderer = Callable[[Any, Page], Iterable[Statement]]
"""Gives the statements for one operation, in order; a statement that is text beginning with ``#`` is a comment."""

RENDERERS: dict[str, Renderer] = {}
"""All renderers by directive."""

_Renderer = TypeVar("_Renderer", bound=Renderer)


def renderer(function: _Renderer) -> _Renderer:
    """Decorator: enter a renderer under its name, which is the directive's."""
    RENDERERS[function.__name__] = function
    return function


def renders(directive: str) -> Callable[[_Renderer], _Renderer]:
    """Decorator: enter a renderer for the directive of an operation that is not ours."""

    def enter(function: _Renderer) -> _Renderer:
        RENDERERS[directive] = function
        return function

    return enter
