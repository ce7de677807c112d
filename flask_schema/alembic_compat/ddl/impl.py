"""``alembic.ddl.impl``: ``DefaultImpl``, and what of a project's subclass has effect.

``__dialect__`` has: a database of that name is treated in the way of the class it derives from. So have
``transactional_ddl`` (in SQL files), ``version_table_impl``, ``compare_type``, ``compare_server_default`` and
``render_type``. What replaces another part of Alembic's engine is refused when a database of that name is opened.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from flask_schema.dialects.registry import treat_like
from flask_schema.errors import ConfigurationError
from flask_schema.runtime.implementation import DEFAULT, Implementation, register_implementation

_WITHOUT_EFFECT = frozenset(
    {
        "add_column", "add_constraint", "adjust_reflected_dialect_options", "alter_column", "autogen_column_reflect",
        "bulk_insert", "cast_for_batch_migrate", "command_terminator", "compare_check_constraint", "compare_indexes",
        "compare_unique_constraint", "correct_for_autogen_constraints", "correct_for_autogen_foreignkeys",
        "create_column_comment", "create_index", "create_table", "create_table_comment", "drop_column",
        "drop_constraint", "drop_index", "drop_table", "drop_table_comment", "emit_begin", "emit_commit",
        "identity_attrs_ignore", "prep_table_for_batch", "rename_table", "render_ddl_sql_expr",
        "requires_recreate_in_batch", "start_migrations", "type_arg_extract", "type_synonyms", "_exec",
    }
)  # fmt: skip


class DefaultImpl(Implementation):
    """What a project derives from to say something about a kind of database: ``__dialect__ = "name"``."""

    __dialect__: ClassVar[str] = "default"
    _place: ClassVar[tuple[str, int]] = ("", 0)
    _engine_compares = False

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        frame = sys._getframe(1)
        cls._place = (frame.f_code.co_filename, frame.f_lineno)
        if "__dialect__" not in cls.__dict__:
            return
        register_implementation(cls.__dialect__, cls, is_built_in=_is_built_in(cls))
        like = next(base for base in cls.__mro__ if _is_built_in(base))
        if like not in (cls, DefaultImpl):
            treat_like(cls.__dialect__, like.__dict__["__dialect__"])

    @classmethod
    def refuse_what_has_no_effect(cls) -> None:
        """Raise ConfigurationError, with the class's file and line, for a replaced part that is not used here."""
        own = [kind for kind in cls.__mro__ if issubclass(kind, DefaultImpl) and not _is_built_in(kind)]
        for kind in own:
            replaced = sorted(_WITHOUT_EFFECT & set(kind.__dict__))
            if replaced:
                raise ConfigurationError(
                    f"{kind.__name__} replaces {', '.join(replaced)} of Alembic, which this engine does not use",
                    hint="take it out; op.implementation_for(..., replace=True) replaces how an operation is done",
                    file=kind._place[0],
                    line=kind._place[1],
                )

    def options(self) -> dict[str, Any]:
        """The options that the methods of a project's class stand for, where none of that name is given."""
        given = self.context_opts
        chosen: dict[str, Any] = {}
        if self._replaces("compare_type") and given.get("compare_type", True) is True:
            chosen["compare_type"] = _compare_types(self)
        if self._replaces("compare_server_default") and given.get("compare_server_default", True) is True:
            chosen["compare_server_default"] = _compare_defaults(self)
        if self._replaces("render_type") and given.get("render_item") is None:
            chosen["render_item"] = _render_types(self)
        transactional: Any = type(self).transactional_ddl
        if "transactional_ddl" not in given and isinstance(transactional, bool):
            chosen["transactional_ddl"] = transactional
        return chosen

    def _replaces(self, name: str) -> bool:
        return getattr(type(self), name) is not _OWN[name]

    def compare_type(self, inspector_column: Any, metadata_column: Any) -> bool | None:
        """Whether two columns have types of different text; while the engine compares, None leaves it to the engine."""
        if self._engine_compares:
            return None
        texts = [str(one.type.compile(self.dialect)).upper() for one in (inspector_column, metadata_column)]
        return texts[0] != texts[1]

    def compare_server_default(
        self,
        inspector_column: Any,
        metadata_column: Any,
        rendered_metadata_default: str | None,
        rendered_inspector_default: str | None,
    ) -> bool | None:
        """Whether two defaults are different texts; while the engine compares, None leaves it to the engine."""
        del inspector_column, metadata_column
        return None if self._engine_compares else rendered_inspector_default != rendered_metadata_default

    def render_type(self, type_obj: Any, autogen_context: Any) -> str | bool:
        """The source of a type; False for the usual."""
        del type_obj, autogen_context
        return False


_OWN = {name: getattr(DefaultImpl, name) for name in ("compare_type", "compare_server_default", "render_type")}
"""What the methods are before a project replaces them, in a class of its own or in this one."""

register_implementation(DEFAULT, DefaultImpl, is_built_in=True)


def _is_built_in(kind: type[Any]) -> bool:
    return kind.__module__.startswith(str(__package__))


@contextmanager
def _engine_compares(made: DefaultImpl) -> Iterator[None]:
    made._engine_compares = True
    try:
        yield
    finally:
        made._engine_compares = False


def _compare_types(made: DefaultImpl) -> Callable[..., bool | None]:
    def compare(_: Any, column: Any, wanted: Any, *types: Any) -> bool | None:
        del types
        with _engine_compares(made):
            return made.compare_type(column, wanted)

    return compare


def _compare_defaults(made: DefaultImpl) -> Callable[..., bool | None]:
    def compare(_: Any, column: Any, wanted: Any, found: Any, default: Any, rendered: Any) -> bool | None:
        del default
        with _engine_compares(made):
            return made.compare_server_default(column, wanted, rendered, found)

    return compare


def _render_types(made: DefaultImpl) -> Callable[..., str | bool]:
    return lambda kind, item, context: made.render_type(item, context) if kind == "type" else False
