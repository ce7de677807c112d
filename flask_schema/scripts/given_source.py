"""Source that somebody else wrote, an expression from a hook or a ``__repr__``, laid out like the rest of the file."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from flask_schema.scripts.layout import Code, Group, attribute, bracketed, call, keyword, mapping, text


class _Unknown(Exception):
    """A kind of expression that is left as it stands."""


def laid_out(source: str) -> Code:
    """An expression as code that can be broken over lines; source of any other kind comes back as it is."""
    if "#" in source or "\n" in source:
        return source
    try:
        return _code(ast.parse(source, mode="eval").body, source)
    except (SyntaxError, ValueError, _Unknown):
        return source


def _code(node: ast.expr, source: str) -> Code:
    convert = _KINDS.get(type(node))
    if convert is None:
        raise _Unknown
    return convert(node, source)


def _call(node: ast.Call, source: str) -> Code:
    items = [*(_code(one, source) for one in node.args), *_keywords(node, source)]
    if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call):
        return attribute(_code(node.func.value, source), node.func.attr, *items)
    function = _code(node.func, source)
    if not isinstance(function, str):
        raise _Unknown
    return call(function, *items)


def _keywords(node: ast.Call, source: str) -> Iterator[Code]:
    for one in node.keywords:
        if one.arg is None:
            raise _Unknown
        yield keyword(one.arg, _code(one.value, source))


def _attribute(node: ast.Attribute, source: str) -> Code:
    owner = _code(node.value, source)
    if not isinstance(owner, str):
        raise _Unknown
    return f"{owner}.{node.attr}"


def _constant(node: ast.Constant, source: str) -> Code:
    if isinstance(node.value, str):
        return text(node.value)
    if isinstance(node.value, bytes):
        return f"b{text(node.value.decode('ascii'))}"
    return _as_it_stands(node, source)


def _dictionary(node: ast.Dict, source: str) -> Code:
    items: dict[str, Code] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        name = _code(key, source) if key is not None else None
        if not isinstance(name, str) or name in items:
            raise _Unknown
        items[name] = _code(value, source)
    return mapping(items)


def _list(node: ast.List, source: str) -> Code:
    return bracketed(_code(one, source) for one in node.elts)


def _tuple(node: ast.Tuple, source: str) -> Code:
    if len(node.elts) < 2:
        raise _Unknown
    return Group("(", tuple(_code(one, source) for one in node.elts), ")", collection=True)


def _as_it_stands(node: ast.expr, source: str) -> Code:
    return ast.get_source_segment(source, node) or ast.unparse(node)


_KINDS: dict[type[ast.expr], Callable[..., Code]] = {
    ast.Call: _call,
    ast.Attribute: _attribute,
    ast.Constant: _constant,
    ast.Dict: _dictionary,
    ast.List: _list,
    ast.Tuple: _tuple,
    ast.Name: _as_it_stands,
    ast.UnaryOp: _as_it_stands,
}
