"""Reading a setting's value, from TOML, from Python and from text; each reader says in words what it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from flask_schema.values import dataclass

_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


@dataclass(frozen=True, slots=True)
class Read:
    """Turns what was written into a value. ``kind`` completes "it has to be ...".

    Called with the value and the folder from which relative paths are meant (None: the current one);
    raises ValueError for what does not fit.
    """

    kind: str
    convert: Callable[[Any, Path | None], Any]

    def __call__(self, value: Any, folder: Path | None) -> Any:
        """Return the value as the settings hold it."""
        return self.convert(value, folder)


def _text(value: Any, _: Path | None) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


def _flag(value: Any, _: Path | None) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in _TRUE | _FALSE:
        return value.lower() in _TRUE
    raise ValueError


def _function(value: Any, _: Path | None) -> Any:
    if not callable(value):
        raise ValueError
    return value


def _flag_or_function(value: Any, folder: Path | None) -> Any:
    return value if callable(value) else _flag(value, folder)


def _functions(value: Any, folder: Path | None) -> tuple[Any, ...]:
    return tuple(_function(one, folder) for one in ([value] if callable(value) else _listed(value)))


def _listed(value: Any) -> list[Any]:
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping)):
        return list(value)
    raise ValueError


def _texts(value: Any, folder: Path | None) -> tuple[str, ...]:
    return tuple(_text(one, folder) for one in ([value] if isinstance(value, str) else _listed(value)))


def _path(value: Any, folder: Path | None) -> Path:
    if not isinstance(value, (str, Path)) or not str(value).strip():
        raise ValueError
    found = Path(str(value).replace("%(here)s", str(folder or Path.cwd())))
    return folder / found if folder is not None else found


def _paths(value: Any, folder: Path | None) -> tuple[Path, ...]:
    return tuple(_path(one, folder) for one in ([value] if isinstance(value, (str, Path)) else _listed(value)))


def _number(value: Any, _: Path | None) -> int:
    found = int(value) if isinstance(value, str) and value.isdecimal() else value
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise ValueError
    return found


def _seconds(value: Any, _: Path | None) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError
    found = float(value)
    if not 0 <= found < float("inf"):
        raise ValueError
    return found


def _mapping(value: Any, _: Path | None) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError
    return dict(value)


text = Read("text", _text)
texts = Read("a list of texts", _texts)
flag = Read("true or false", _flag)
number = Read("a whole number above 0", _number)
seconds = Read("a number of seconds", _seconds)
path = Read("a path", _path)
paths = Read("a list of paths", _paths)
function = Read("a function", _function)
functions = Read("a function or a list of functions", _functions)
flag_or_function = Read("true, false or a function", _flag_or_function)
mapping = Read("a table", _mapping)


def one_of(*choices: str) -> Read:
    """A reader for one of a few words."""

    def convert(value: Any, _: Path | None) -> str:
        if value not in choices:
            raise ValueError
        return str(value)

    return Read(" or ".join(repr(choice) for choice in choices), convert)
