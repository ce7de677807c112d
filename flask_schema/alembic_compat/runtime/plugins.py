"""``alembic.runtime.plugins``: packages that add comparators of their own to autogenerate."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any

from flask_schema.alembic_compat.imports import names_in_force
from flask_schema.alembic_compat.util.dispatching import DispatchPriority, PriorityDispatcher
from flask_schema.errors import ConfigurationError

_all_plugins: dict[str, Plugin] = {}

BUILT_IN = ("schemas", "tables", "types", "constraints", "defaults", "comments")
"""The parts of the engine's own comparison, as ``alembic.autogenerate.<name>``."""

EVERYTHING = ("alembic.autogenerate.*",)
"""The setting ``autogenerate_plugins`` where nothing is said."""

_ENTRY_POINT_GROUPS = ("alembic.plugins", "flask_schema.plugins")
_loaded: set[str] = set()


class Plugin:
    """Comparators under a name. Raises ValueError for a name that is taken."""

    def __init__(self, name: str) -> None:
        if name in _all_plugins:
            raise ValueError(f"A plugin named {name} is already registered")
        self.name = name
        self.autogenerate_comparators = PriorityDispatcher()
        _all_plugins[name] = self

    def remove(self) -> None:
        """Forget it."""
        del _all_plugins[self.name]

    def add_autogenerate_comparator(
        self,
        fn: Callable[..., Any],
        compare_target: str,
        compare_element: str | None = None,
        *,
        qualifier: str = "default",
        priority: DispatchPriority = DispatchPriority.MEDIUM,
    ) -> None:
        """Add a comparator for ``autogenerate``, ``schema``, ``table`` or ``column``."""
        enter = self.autogenerate_comparators.dispatch_for(
            compare_target, subgroup=compare_element, priority=priority, qualifier=qualifier
        )
        enter(fn)

    @classmethod
    def populate_autogenerate_priority_dispatch(
        cls, comparators: PriorityDispatcher, include_plugins: Iterable[str]
    ) -> None:
        """Put the comparators of the plugins that ``include_plugins`` name into ``comparators``.

        Raises ConfigurationError for an expression that fits none.
        """
        for plugin in chosen(include_plugins):
            comparators.populate_with(plugin.autogenerate_comparators)

    @classmethod
    def setup_plugin_from_module(cls, module: ModuleType, name: str) -> None:
        """Let a module with ``setup(plugin)`` set up a plugin of that name."""
        module.setup(Plugin(name))


def chosen(include_plugins: Iterable[str]) -> list[Plugin]:
    """The plugins that expressions name: ``a.b.*`` those below a name, ``~`` before one leaves out.

    Raises ConfigurationError for an expression that fits none.
    """
    wanted = tuple(include_plugins)
    excluded = [_make_re(_translate_legacy_name(name[1:])) for name in wanted if name.startswith("~")]
    included = {name: _make_re(_translate_legacy_name(name)) for name in wanted if not name.startswith("~")}
    found: list[Plugin] = []
    used: set[str] = set()
    for plugin in list(_all_plugins.values()):
        matching = [name for name, expression in included.items() if expression.match(plugin.name)]
        if matching and not any(expression.match(plugin.name) for expression in excluded):
            found.append(plugin)
        used.update(matching)
    unused = [name for name in included if name not in used]
    if unused:
        raise ConfigurationError(
            f"Did not locate plugins: {', '.join(unused)}",
            hint=f"plugins are {', '.join(_all_plugins)}; mend the setting 'autogenerate_plugins'",
        )
    return found


_LEGACY = {"alembic.autogenerate.checkconstraint_byname": "alembic.ext.checkconstraint_byname"}


def _translate_legacy_name(name: str) -> str:
    return _LEGACY.get(name, name)


def _make_re(name: str) -> re.Pattern[str]:
    parts = []
    for token in name.split("."):
        if token != "*" and not token.isidentifier():  # noqa: S105 - a part of a name
            raise ValueError(f"Invalid plugin expression {name!r}")
        parts.append(r".+?" if token == "*" else token)  # noqa: S105
    return re.compile("^" + r"\.".join(parts) + "$")


def _setup() -> None:
    """Set up the plugins that installed packages offer, once each."""
    for group in _ENTRY_POINT_GROUPS:
        for entry in entry_points(group=group):
            if entry.name in _loaded:
                continue
            _loaded.add(entry.name)
            with names_in_force():
                module = entry.load()
            for one in [module] if isinstance(module, ModuleType) else list(module):
                Plugin.setup_plugin_from_module(one, entry.name)


for _name in BUILT_IN:
    Plugin(f"alembic.autogenerate.{_name}")
Plugin("alembic.ext.checkconstraint_byname")  # CHECKs are always compared
