"""Column types as source: ``sa.String(length=50)``, ``postgresql.JSONB()``, ``myapp.types.Money()``."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator, TypeEngine

from flask_schema.scripts.given_source import laid_out
from flask_schema.scripts.layout import Code, attribute, call, keyword, text
from flask_schema.scripts.page import Page
from flask_schema.scripts.values import NotRenderable, literal
from flask_schema.snapshot.elements import DataType

_PYTHON_ONLY = {
    "as_tuple", "as_uuid", "asdecimal", "astext_type", "cache_ok", "comparator", "create_constraint",
    "decimal_return_scale", "impl", "inherit_schema", "metadata", "none_as_null", "pickler", "quote",
    "retrieve_as_bitwise", "text_type", "validate_strings", "zero_indexes",
}  # fmt: skip
"""Arguments that change nothing in the database; a CHECK that a type asks for is written with the table."""


def type_code(data_type: DataType, page: Page) -> Code:
    """The source of a column's type, with its imports.

    A type that was read from a database is written as its generic relative where the database
    writes both alike. A class that no file can import is written as what it stands for.
    """
    if data_type.python is not None:
        return python_type_code(data_type.python, page, data_type.sql)
    return python_type_code(_as_generic(data_type.sql, page), page, data_type.sql)


def _as_generic(sql: str, page: Page) -> TypeEngine[Any]:
    read = page.rendering.python_type(sql)
    if page.rendering.type_sql is None or not type(read).__module__.startswith("sqlalchemy."):
        return read
    try:
        generic = read.as_generic()
        return generic if page.rendering.type_sql(generic) == page.rendering.type_sql(read) else read
    except (NotImplementedError, sa.exc.SQLAlchemyError):
        return read


def python_type_code(python: TypeEngine[Any], page: Page, sql: str | None = None) -> Code:
    """The source of a SQLAlchemy type; ``sql`` is what the database calls it, for types that cannot be written."""
    written = page.rendered_item("type", python)
    if written is not None and written is not False:
        return written
    code = _unvaried(python, page, sql)
    for dialect, variant in sorted(python._variant_mapping.items()):
        code = attribute(code, "with_variant", python_type_code(variant, page), text(dialect))
    return code


def _unvaried(python: TypeEngine[Any], page: Page, sql: str | None) -> Code:
    try:
        arguments = list(_arguments(python, page))
    except NotRenderable:
        arguments = None
    name = _class_name(python, page) if arguments is not None or _own_repr(python) else None
    if name is not None and _own_repr(python):
        return _from_repr(python, name)
    if name is not None and arguments is not None:
        return call(name, *arguments)
    if isinstance(python, TypeDecorator):
        page.notes.append(
            f"type {type(python).__qualname__} cannot be written as source; "
            f"{type(python.impl_instance).__name__} stands in its place"
        )
        return python_type_code(python.impl_instance, page, sql)
    if sql is None or type(read := page.rendering.python_type(sql)) is type(python):
        return call(page.sa("types.NullType"))
    return python_type_code(read, page, sql)


# -- names --------------------------------------------------------------------------------------


def _class_name(python: TypeEngine[Any], page: Page) -> str | None:
    """How the file calls the type's class, its import added; None where it cannot be imported."""
    cls = type(python)
    module, name = cls.__module__, cls.__qualname__
    if module.startswith("sqlalchemy.dialects."):
        dialect = module.split(".")[2]
        if getattr(sys.modules.get(f"sqlalchemy.dialects.{dialect}"), name, None) is cls:
            page.imports.member("sqlalchemy.dialects", dialect)
            return f"{dialect}.{name}"
    elif module.startswith("sqlalchemy."):
        if getattr(sa, name, None) is cls:
            return page.sa(name)
        if getattr(sa.types, name, None) is cls:
            return page.sa(f"types.{name}")
    prefix = page.rendering.user_module_prefix
    if prefix is not None and not module.startswith("sqlalchemy."):
        return f"{prefix}{name.rpartition('.<locals>.')[2]}"
    if "<locals>" in name or module == "__main__":
        return None
    page.imports.module(module)
    return f"{module}.{name}"


def _own_repr(python: TypeEngine[Any]) -> bool:
    """Whether the type's author wrote a ``__repr__``, which then is the way it wants to be written."""
    owner = next(cls for cls in type(python).__mro__ if "__repr__" in vars(cls))
    return not owner.__module__.startswith("sqlalchemy.") and owner is not object


def _from_repr(python: TypeEngine[Any], name: str) -> Code:
    said = repr(python)
    own = type(python).__name__
    head, bracket, rest = said.partition("(")
    if bracket and head in (own, type(python).__qualname__):
        return laid_out(f"{name}({rest}")
    return laid_out(said)


# -- arguments ----------------------------------------------------------------------------------


def _arguments(python: TypeEngine[Any], page: Page) -> Iterator[Code]:
    """The arguments that the type's constructor needs to be told. Raises NotRenderable."""
    if isinstance(python, sa.Enum):
        yield from _enum_arguments(python, page)
        return
    if isinstance(python, sa.Boolean):
        return
    if isinstance(python, TypeDecorator) and type(python).__init__ is TypeDecorator.__init__:
        if not type(python).__module__.startswith("sqlalchemy."):
            yield from _arguments(python.impl_instance, page)
        return
    values = getattr(python, "values", ())  # of MySQL's SET, whose length follows from them
    yield from (text(str(value)) for value in values)
    parameters = list(_parameters(type(python)))
    for parameter in parameters:
        if not (values and parameter.name == "length"):
            yield from _argument(python, parameter, page)
    if any(parameter.name == "impl" for parameter in parameters) and _is_said_by_impl(python, parameters, page):
        yield keyword("impl", python_type_code(getattr(python, "impl"), page))  # noqa: B009 - a class attribute, too


def _is_said_by_impl(python: TypeEngine[Any], parameters: list[inspect.Parameter], page: Page) -> bool:
    """Whether a type that takes another one (``ChoiceType(choices, impl=...)``) would be another without it."""
    type_sql = page.rendering.type_sql
    if type_sql is None or not isinstance(getattr(python, "impl", None), TypeEngine):
        return False
    given = {one.name: getattr(python, one.name) for one in parameters if hasattr(python, one.name)}
    try:
        alike = type(python)(**{name: value for name, value in given.items() if name != "impl"})
        return type_sql(alike) != type_sql(python)
    except Exception:  # whatever a constructor of somebody else's raises
        return True


def _parameters(cls: type) -> Iterator[inspect.Parameter]:
    """The named parameters of a constructor, and of its base classes' while it hands on ``**kw``."""
    seen = {"self"}
    for owner in cls.__mro__:
        if "__init__" not in vars(owner) or owner is object:
            continue
        parameters = list(inspect.signature(owner.__init__).parameters.values())  # type: ignore[misc]
        for parameter in parameters:
            named = parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
            if named and parameter.name not in seen:
                seen.add(parameter.name)
                yield parameter
        if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
            return


def _argument(python: TypeEngine[Any], parameter: inspect.Parameter, page: Page) -> Iterator[Code]:
    name, default = parameter.name, parameter.default
    if name in _PYTHON_ONLY or name.startswith("_"):
        return
    value = getattr(python, name, default)
    if value is parameter.empty:
        raise NotRenderable(f"the argument {name} of {type(python).__name__} is not known")
    if value is None and type(default).__name__ == "_NoArg":  # SQLAlchemy 2.1's mark for "not said"
        return
    if value is default or (type(value) is type(default) and value == default):
        return
    code: Code
    if isinstance(value, TypeEngine):
        code = python_type_code(value, page)
    elif isinstance(value, sa.ClauseElement):
        code = call(page.sa("text"), text(str(value)))
    else:
        try:
            code = literal(value, page.imports)
        except NotRenderable:
            if default is parameter.empty:
                raise
            return
    yield code if default is parameter.empty else keyword(name, code)


def _enum_arguments(python: sa.Enum, page: Page) -> Iterator[Code]:
    yield from (text(str(value)) for value in python.enums)
    if python.name:
        yield keyword("name", text(str(python.name)))
    if python.schema:
        yield keyword("schema", text(str(python.schema)))
    if type(python) is sa.Enum:
        if not python.native_enum:
            yield keyword("native_enum", "False")
        if python.length != max((len(value) for value in python.enums), default=0):
            yield keyword("length", str(python.length))
    for name in ("charset", "collation"):
        value = getattr(python, name, None)
        if value:
            yield keyword(name, literal(value, page.imports))
