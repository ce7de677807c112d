"""Reading a revision file's header: from the text where that is certain, then from the syntax tree, then by running it.

A header of a real project costs about 20 microseconds read as text, 200 as a syntax tree, and running it imports
SQLAlchemy; so the text comes first, and it says "not certain" rather than guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from flask_schema.errors import RevisionFileError
from flask_schema.history.revision import Header

Execute = Callable[[Path], Mapping[str, object]]
"""Runs a revision file and returns its module's namespace."""

NAMES = ("revision", "down_revision", "branch_labels", "depends_on", "replaces")
_NAME_PARTS = ("revision", "branch_labels", "depends_on", "replaces")

_STRING = r"""[uU]?(?:"[^"\\\n]*"|'[^'\\\n]*')"""
_VALUE = re.compile(
    rf"(?:None|{_STRING}|[(\[{{]\s*(?:{_STRING}\s*,\s*)*(?:{_STRING}\s*)?[)\]}}])[ \t]*(?:#[^\n]*)?(?:\n|\Z)"
)
_QUOTED = re.compile(r""""([^"]*)"|'([^']*)'""")
_MENTION = re.compile(rf"(?:^|;)([ \t]*)({'|'.join(NAMES)})\b[ \t]*((?::[^=\n]*)?=(?!=)[ \t]*|[^\n]*)", re.MULTILINE)
_DOCSTRING = re.compile(
    r"""(?:[ \t]*(?:\#[^\n]*)?\n)*(?:[rRuU]?(?P<quote>\"{3}|'{3})(?P<text>.*?)(?P=quote)[ \t]*(?:\#[^\n]*)?(?:\n|\Z)"""
    r"""|(?P<other>[rRuUbBfF]{0,2}['"(]))""",
    re.DOTALL,
)
_BODY = re.compile(r"^(?:def|class|async|@)", re.MULTILINE)
_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_FORBIDDEN = re.compile(r"[@\-+:]")
_LEGACY_NAME = re.compile(r"[a-f0-9]+")


def read_header(path: str | Path, execute: Execute | None = None) -> Header | None:
    """Return the header of the revision file ``path``, or None when the file is no revision (a helper module).

    ``execute`` runs a file whose header is computed; by default it is run as a module of its own.
    Raises :class:`RevisionFileError` when the file cannot be read or parsed, or when an id is not allowed.
    """
    return read_header_cacheable(path, execute)[0]


def read_header_cacheable(path: str | Path, execute: Execute | None = None) -> tuple[Header | None, bool]:
    """As :func:`read_header`, with whether the answer holds for as long as the file does not change."""
    if str(path).endswith(".pyc"):
        from flask_schema.history import bytecode, syntax

        found = bytecode.read_code(path)
    else:
        text = read_source(path)
        values = read_text(text)
        if values is not None:
            return _build(path, values), True
        from flask_schema.history import syntax

        found = syntax.read_tree(text, path)
    if found.values is not None:
        return _build(path, found.values), True
    if not found.is_revision:
        return None, True
    return _build(path, (execute or syntax.execute_file)(Path(path))), False


def read_text(text: str) -> dict[str, object] | None:
    """Return the header's values read from the text alone, or None when the text does not settle them."""
    opening = _DOCSTRING.match(text)
    docstring, start = "", 0
    if opening is not None:
        docstring, start = opening["text"], opening.end()
        if docstring is None or "\\" in docstring:
            return None
    body = _BODY.search(text, start)
    end = body.start() if body else len(text)
    if text.find('"""', start, end) >= 0 or text.find("'''", start, end) >= 0:
        return None
    # Searching for a word is much faster than the expression, and few scripts' bodies hold one of these words.
    is_in_body = any(text.find(word, end) >= 0 for word in _NAME_PARTS)
    values: dict[str, object] = {}
    for found in _MENTION.finditer(text, start, len(text) if is_in_body else end):
        indent, name, rest = found.groups()
        if "=" not in rest:
            if rest[:1] == ",":
                return None
            continue
        value = _VALUE.match(text, found.end()) if rest.rstrip().endswith("=") else None
        if indent or value is None or found.start() >= end or name in values or found[0][0] == ";":
            return None
        values[name] = _literal(value[0])
    if "revision" not in values or "down_revision" not in values:
        return None
    values["docstring"] = docstring
    return values


def _literal(source: str) -> tuple[str, ...]:
    """Return the ids of a value that ``_VALUE`` matched."""
    if source[0] == "N":
        return ()
    return tuple([double or single for double, single in _QUOTED.findall(source.partition("#")[0])])


def read_source(path: str | Path) -> str:
    """Return the text of a Python file in the encoding that it declares (PEP 263), with plain newlines.

    Raises :class:`RevisionFileError` when it cannot be read or decoded.
    """
    try:
        with open(path, "rb") as file:  # noqa: PTH123 (making a Path costs as much as the reading)
            content = file.read()
    except OSError as error:
        raise RevisionFileError(f"the revision file cannot be read: {error.strerror}", file=path) from error
    encoding = "utf-8"
    if content.startswith(b"\xef\xbb\xbf"):
        content = content[3:]
    for line in content[:400].split(b"\n", 2)[:2]:
        cookie = _COOKIE.match(line)
        if cookie is not None:
            encoding = cookie[1].decode("ascii")
            break
        if not re.fullmatch(rb"[ \t\f]*(?:#.*)?\r?", line):
            break
    try:
        text = content.decode(encoding)
    except LookupError as error:
        raise RevisionFileError(f"the file declares the unknown encoding {encoding!r}", file=path, line=1) from error
    except UnicodeDecodeError as error:
        line_number = content.count(b"\n", 0, error.start) + 1
        raise RevisionFileError(
            f"the file is not valid {encoding}",
            file=path,
            line=line_number,
            hint="save it as UTF-8, or declare its encoding in the first line: # -*- coding: latin-1 -*-",
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _build(path: str | Path, values: Mapping[str, object]) -> Header:
    """Return the header of ``values`` (names as in a module's namespace), every one checked."""
    revision = values.get("revision")
    if revision is None and "revision" not in values:
        name = Path(path).name.partition(".")[0]
        # Files of the first tools of this kind carried the id in their name only.
        if not _LEGACY_NAME.fullmatch(name) or "down_revision" not in values:
            raise RevisionFileError(
                "the file has an upgrade or a parent but no revision id",
                file=path,
                hint="add the line: revision = '...' (any id that no other file has)",
            )
        revision = name
    if isinstance(revision, tuple) and len(revision) == 1:
        revision = revision[0]
    if not isinstance(revision, str) or not revision:
        raise RevisionFileError(f"the revision id is {revision!r}, not a text", file=path)
    if "down_revision" not in values:
        raise RevisionFileError(
            "the file has no down_revision", file=path, hint="write down_revision = None if it is the first revision"
        )
    forbidden = sorted(set(_FORBIDDEN.findall(revision)))
    if forbidden:
        raise RevisionFileError(
            f"the revision id {revision!r} contains {' '.join(forbidden)}, which targets such as label@head or -1 need",
            file=path,
            hint="choose an id of letters, digits and underscores",
        )
    docstring = values.get("docstring", values.get("__doc__"))
    return Header(
        revision,
        _ids(values, "down_revision", path),
        _ids(values, "depends_on", path),
        _ids(values, "branch_labels", path),
        _ids(values, "replaces", path),
        docstring.strip() if isinstance(docstring, str) else "",
        str(path),
    )


def _ids(values: Mapping[str, object], name: str, path: str | Path) -> tuple[str, ...]:
    value = values.get(name)
    if value in (None, "", ("",)):  # some scripts write an empty text for "none"
        return ()
    items: Sequence[object] = (
        sorted(value, key=str)
        if isinstance(value, set | frozenset)
        else value
        if isinstance(value, tuple | list)
        else (value,)
    )
    ids: dict[str, None] = {}
    for item in items:
        if not isinstance(item, str) or not item:
            raise RevisionFileError(f"{name} holds {item!r}, which is not a text", file=path)
        ids[item] = None
    return tuple(ids)
