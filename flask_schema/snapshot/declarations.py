"""What stands beside tables, declared by the models' authors: views, functions, triggers, extensions.

``declare(metadata, View(...), Trigger(...))`` puts them on a ``MetaData``; ``flask db revision --autogenerate`` and
``flask db check`` compare them with the database as they do tables.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any

import sqlalchemy as sa

from flask_schema.errors import ModelsInvalid
from flask_schema.snapshot import elements
from flask_schema.snapshot.elements import Index, IndexElement, Options, QualifiedName
from flask_schema.snapshot.from_sqlalchemy import SqlalchemyTranslation, frozen_options
from flask_schema.snapshot.parameters import argument_types
from flask_schema.values import dataclass

Text = str | Mapping[str, str]
"""SQL for every database, or for each by SQLAlchemy's name of its dialect; ``default`` stands for those not named.

A database that is not named, where there is no ``default``, does not have the object.
"""

_PLACE = "flask_schema.declared"
_CLAUSE = re.compile(r" \n(?=(?:FROM|WHERE|UNION) )")  # SQLAlchemy ends its lines with a blank


@dataclass(frozen=True)
class ViewIndex:
    """An index of a materialized view over ``columns``; ``method`` and ``where`` are the database's own."""

    name: str
    columns: Sequence[str]
    unique: bool = False
    method: str | None = None
    where: str | None = None


@dataclass(frozen=True, eq=False)
class View:
    """A view; ``definition`` is a SQLAlchemy ``select()``, its text, or a text for each database.

    ``columns`` name its columns where the SELECT does not. ``options`` are PostgreSQL's ``WITH (...)``.
    ``indexes`` are for ``materialized`` ones.
    """

    name: str
    definition: Text | sa.SelectBase
    schema: str | None = None
    materialized: bool = False
    columns: Sequence[str] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    indexes: Sequence[ViewIndex] = ()


@dataclass(frozen=True, eq=False)
class Function:
    """A function or procedure; ``definition`` is its whole CREATE FUNCTION, or one for each database.

    ``arguments`` are the types of its arguments (``"integer, text"``); where nothing is said they are read from the
    definition.
    """

    name: str
    definition: Text
    schema: str | None = None
    arguments: str | None = None
    procedure: bool = False


@dataclass(frozen=True, eq=False)
class Trigger:
    """A trigger on ``table``, a table's or view's name, a ``Table`` or a mapped class.

    ``definition`` is its whole CREATE TRIGGER, or one for each database.
    """

    name: str
    table: Any
    definition: Text
    schema: str | None = None


@dataclass(frozen=True, eq=False)
class Extension:
    """An extension of PostgreSQL, such as ``citext``."""

    name: str


Declared = View | Function | Trigger | Extension


def declare(metadata: sa.MetaData, *objects: Declared) -> None:
    """Declare ``objects`` as part of ``metadata``, so that they are compared with the database as tables are.

    From the first call on, with objects or without any, what revision files of the project have created and the models
    do not declare is dropped, as a table would be; what nobody of both has made is left alone.
    Raises ModelsInvalid for anything that is not a View, Function, Trigger or Extension.
    """
    strange = next((one for one in objects if not isinstance(one, Declared)), None)
    if strange is not None:
        raise ModelsInvalid(
            f"{strange!r} cannot be declared", hint="declare a View, Function, Trigger or Extension of flask_schema"
        )
    known: list[Declared] = metadata.info.setdefault(_PLACE, [])
    known += [one for one in objects if not any(one is other for other in known)]


def declared(metadata: sa.MetaData) -> tuple[Declared, ...] | None:
    """What was declared in ``metadata`` in the order of declaration; None where ``declare`` was never called."""
    known = metadata.info.get(_PLACE)
    return None if known is None else tuple(known)


@dataclass(slots=True)
class Objects:
    """The declared objects as elements of a snapshot."""

    translation: SqlalchemyTranslation
    views: dict[QualifiedName, elements.View] = field(default_factory=dict)
    functions: dict[tuple[QualifiedName, str], elements.Function] = field(default_factory=dict)
    triggers: dict[tuple[QualifiedName, str], elements.Trigger] = field(default_factory=dict)
    extensions: set[str] = field(default_factory=set)

    def take(self, metadata: sa.MetaData) -> None:
        """Add what is declared in ``metadata``. Raises ModelsInvalid for two of one name."""
        for one in declared(metadata) or ():
            if isinstance(one, Extension):
                self.extensions.add(one.name)
            elif isinstance(one, View):
                self._view(one, metadata)
            else:
                text = self._text(one.definition)
                if text is not None and isinstance(one, Function):
                    self._function(one, text, metadata)
                elif text is not None and isinstance(one, Trigger):
                    self._trigger(one, text, metadata)

    @property
    def names(self) -> Iterable[QualifiedName]:
        """The names of all that lies in a schema."""
        return (*self.views, *(name for name, _ in self.functions))

    def _view(self, view: View, metadata: sa.MetaData) -> None:
        given = view.definition
        text = self._compiled(given) if isinstance(given, sa.ClauseElement) else self._text(given)
        if text is None:
            return
        name = QualifiedName(view.name, view.schema or metadata.schema)
        options: Options = (("columns", tuple(view.columns)),) if view.columns else ()
        options += (("with", frozen_options(view.options)),) if view.options else ()
        indexes = tuple(
            Index(one.name, tuple(map(IndexElement, one.columns)), one.unique, one.where, one.method)
            for one in view.indexes
        )
        _put(self.views, name, elements.View(name, text, view.materialized, indexes, options), f"view {name}")

    def _function(self, function: Function, text: str, metadata: sa.MetaData) -> None:
        name = QualifiedName(function.name, function.schema or metadata.schema)
        arguments = function.arguments if function.arguments is not None else argument_types(text)
        made = elements.Function(name, text, arguments, function.procedure)
        _put(self.functions, (name, arguments), made, f"function {name}({arguments})")

    def _trigger(self, trigger: Trigger, text: str, metadata: sa.MetaData) -> None:
        owner: Any = getattr(trigger.table, "__table__", trigger.table)
        if isinstance(owner, str):
            table = QualifiedName(owner, trigger.schema or metadata.schema)
        else:
            table = QualifiedName(str(owner.name), owner.schema)
        made = elements.Trigger(trigger.name, table, text)
        _put(self.triggers, (table, trigger.name), made, f"trigger {trigger.name} on {table}")

    def _compiled(self, select: sa.ClauseElement) -> str:
        if isinstance(select, sa.TextClause):
            return _trimmed(select.text.replace("\\:", ":"))
        compiled = select.compile(dialect=self.translation.dialect, compile_kwargs={"literal_binds": True})
        return _trimmed(_CLAUSE.sub("\n", str(compiled)))

    def _text(self, given: Any) -> str | None:
        """The text for this database, None where it does not have the object."""
        if isinstance(given, str):
            return _trimmed(given)
        names = (self.translation.dialect.name, *self.translation.option_dialects, "default")
        found = next((given[one] for one in names if one in given), None)
        return _trimmed(found) if found is not None else None


def _trimmed(text: str) -> str:
    return textwrap.dedent(text).strip().rstrip(";").rstrip()


def _put(place: dict[Any, Any], key: Any, made: Any, called: str) -> None:
    if place.setdefault(key, made) != made:
        raise ModelsInvalid(f"{called} is declared twice, in two ways", hint="leave one of both declarations")
