"""``ScriptDirectory``: the folder of revision files, asked and written to by programs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask_schema.alembic_compat.runtime.steps import RevisionStep, StampStep
from flask_schema.alembic_compat.script.map import RevisionMap
from flask_schema.alembic_compat.script.nodes import several
from flask_schema.alembic_compat.script.resolution import named
from flask_schema.alembic_compat.script.script import Script
from flask_schema.errors import ConfigurationError, DirectoryMissing, MultipleHeads
from flask_schema.history import Graph, Header, downgrade_route, scan, stamp_route, upgrade_route
from flask_schema.scripts.names import FILE_TEMPLATE, SLUG_LENGTH, creation_date, revision_file

if TYPE_CHECKING:
    from typing_extensions import Self

    from flask_schema.alembic_compat.config import Config


class ScriptMap(RevisionMap):
    """The map of a directory's revisions: headers are read at once, a Script is made when it is asked for."""

    def __init__(self, directory: ScriptDirectory) -> None:
        super().__init__(directory._load_revisions)
        self._directory = directory
        self._headers: dict[str, Header] | None = None
        self._made: dict[str, Script] = {}

    @property
    def graph(self) -> Graph:
        """The engine's graph."""
        if self._linked is None:
            if self._headers is None:
                found = self._directory._scan()
                self._linked = Graph(found)  # refuses doubles, which a dictionary would lose
                self._headers = {header.revision: header for header in found}
            else:
                self._linked = Graph(self._headers.values())
            for script in self._made.values():
                script._graph = self._linked
        return self._linked

    @property
    def _nodes(self) -> Mapping[str, Script]:
        return _Scripts(self)

    def forget(self) -> None:
        """Read the files again when they are next needed; scripts that somebody holds stay as they are."""
        self._headers, self._linked, self._whole = None, None, None
        self._made = {}

    def add_revision(self, revision: Any, _replace: bool = False) -> None:
        """Add the revision of a file that was just written."""
        known = self.graph
        if not _replace and revision.revision in known:
            raise ConfigurationError(f"there is a revision {revision.revision} already")
        assert self._headers is not None
        self._headers[revision.revision] = revision.header()
        self._made[revision.revision] = revision
        self._linked = None
        revision._graph = self.graph


class _Scripts(Mapping[str, Script]):
    def __init__(self, owner: ScriptMap) -> None:
        self._owner = owner
        self._graph = owner.graph

    def __getitem__(self, revision: str) -> Script:
        made = self._owner._made
        if revision not in made:
            headers = self._owner._headers or {}
            script = Script._of_header(headers[self._graph.canonical(revision)])
            script._graph = self._graph
            made[revision] = script
        return made[revision]

    def __iter__(self) -> Iterator[str]:
        return iter(self._graph)

    def __len__(self) -> int:
        return len(self._graph)

    def __contains__(self, revision: object) -> bool:
        return revision in self._graph


class ScriptDirectory:
    """A migrations directory: its revisions and how they follow from one another, its ``env.py``, its new files.

    Raises :class:`DirectoryMissing`. ``from_config`` is the usual way to one.
    """

    def __init__(
        self,
        dir: str | os.PathLike[str],  # noqa: A002 - Alembic's name
        file_template: str = FILE_TEMPLATE,
        truncate_slug_length: int | None = SLUG_LENGTH,
        version_locations: Sequence[str | os.PathLike[str]] | None = None,
        sourceless: bool = False,
        output_encoding: str = "utf-8",
        timezone: str | None = None,
        hooks: Sequence[Mapping[str, str]] = (),
        recursive_version_locations: bool = False,
        messaging_opts: Mapping[str, bool] | None = None,
    ) -> None:
        self.dir = os.fspath(dir)
        self.file_template = file_template
        self.truncate_slug_length = truncate_slug_length or SLUG_LENGTH
        self.version_locations = [os.fspath(location) for location in version_locations or ()]
        self.sourceless = sourceless
        self.output_encoding = output_encoding
        self.timezone = timezone
        self.hooks = list(hooks)
        self.recursive_version_locations = recursive_version_locations
        self.messaging_opts = dict(messaging_opts or {})
        self.revision_map = ScriptMap(self)
        if not os.access(self.dir, os.F_OK):
            raise DirectoryMissing(
                f"there is no migrations directory {self.dir}", hint="make it with command.init(), or 'flask db init'"
            )

    @classmethod
    def from_config(cls, config: Config) -> Self:
        """Return the directory that ``script_location`` names: a path, or ``package:folder``.

        What ``prepend_sys_path`` names goes to the front of ``sys.path``. Raises :class:`ConfigurationError`.
        """
        location = config.get_alembic_option("script_location")
        if location is None:
            raise ConfigurationError(
                "there is no 'script_location' in the configuration",
                hint="write config.set_main_option('script_location', 'path/to/migrations')",
            )
        slug_length = config.get_alembic_option("truncate_slug_length")
        paths = config.get_prepend_sys_paths_list() or []
        if sys.path[: len(paths)] != paths:
            sys.path[:0] = paths
        return cls(
            resource_path(location),
            file_template=config.get_alembic_option("file_template", FILE_TEMPLATE),
            truncate_slug_length=int(slug_length) if slug_length is not None else None,
            version_locations=config.get_version_locations_list(),
            sourceless=config.get_alembic_boolean_option("sourceless"),
            output_encoding=config.get_alembic_option("output_encoding", "utf-8"),
            timezone=config.get_alembic_option("timezone"),
            hooks=config.get_hooks_list(),
            recursive_version_locations=config.get_alembic_boolean_option("recursive_version_locations"),
            messaging_opts=config.messaging_opts,
        )

    # -- files --------------------------------------------------------------------------------

    @property
    def _version_locations(self) -> list[Path]:
        if self.version_locations:
            return [Path(resource_path(location)).absolute() for location in self.version_locations]
        return [Path(self.dir, "versions").absolute()]

    @property
    def _singular_version_location(self) -> Path:
        locations = self._version_locations
        if len(locations) > 1:
            raise ConfigurationError("there are several version locations", hint="name one with 'version_path'")
        return locations[0]

    @property
    def versions(self) -> str:
        """The one folder of revision files. Raises :class:`ConfigurationError` where there are several."""
        return str(self._singular_version_location)

    def _scan(self) -> tuple[Header, ...]:
        locations = [location for location in self._version_locations if location.exists()]
        return scan(locations, recursive=self.recursive_version_locations, sourceless=self.sourceless)

    def _load_revisions(self) -> Iterator[Script]:
        return (Script._of_header(header) for header in self._scan())

    @property
    def env_py_location(self) -> str:
        """The path of ``env.py``."""
        return str(Path(self.dir, "env.py"))

    def run_env(self) -> None:
        """Run ``env.py`` in the environment that is entered. Raises :class:`NoContext` where none is."""
        from flask_schema.alembic_compat.runtime.environment import entered_environment

        entered_environment().run_env()

    # -- revisions ----------------------------------------------------------------------------

    def get_revision(self, id_: Any) -> Any:
        """Return the :class:`Script` that a symbol means, None for the base. Raises :class:`HistoryError`."""
        return self.revision_map.get_revision(id_)

    def get_revisions(self, id_: Any) -> tuple[Any, ...]:
        """Return the scripts that a symbol means, or several symbols. Raises :class:`HistoryError`."""
        return self.revision_map.get_revisions(id_)

    def get_all_current(self, id_: Any) -> set[Any]:
        """Return the newest applied scripts of every branch, from the rows of the version table."""
        return self.revision_map._get_all_current(id_)

    def walk_revisions(self, base: str = "base", head: str = "heads") -> Iterator[Any]:
        """Yield the scripts from ``head`` down to ``base``, both included, newest first."""
        return self.revision_map.iterate_revisions(head, base, inclusive=True, assert_relative_length=False)

    def iterate_revisions(self, upper: Any, lower: Any, **options: Any) -> Iterator[Any]:
        """Yield the scripts from ``upper`` down to ``lower``; see :meth:`RevisionMap.iterate_revisions`."""
        return self.revision_map.iterate_revisions(upper, lower, **options)

    def as_revision_number(self, id_: Any) -> Any:
        """Return the id for ``head`` and the like, a tuple for ``heads``, None for the base."""
        ids, _ = self.revision_map._resolve_revision_number(id_)
        if not ids:
            return None
        return ids if id_ == "heads" else ids[0]

    def get_current_head(self) -> str | None:
        """Return the one head, None without revisions. Raises :class:`MultipleHeads`."""
        return self.revision_map.get_current_head()

    def get_heads(self, consider_depends_on: bool = False) -> list[str]:
        """Return the heads; with ``consider_depends_on`` those that no revision depends on either."""
        return list(self.revision_map._real_heads if consider_depends_on else self.revision_map.heads)

    def get_base(self) -> str | None:
        """Return the one first revision, None without revisions. Raises :class:`MultipleHeads` for several."""
        bases = self.get_bases()
        if len(bases) > 1:
            raise MultipleHeads(f"there are several first revisions: {', '.join(bases)}", hint="use get_bases()")
        return bases[0] if bases else None

    def get_bases(self) -> list[str]:
        """Return the revisions without a parent."""
        return list(self.revision_map.bases)

    # -- steps --------------------------------------------------------------------------------

    def steps_revs(self, revs: Sequence[Any]) -> list[RevisionStep]:
        """Return the upgrades of scripts given newest first, as ``iterate_revisions`` yields them."""
        return [RevisionStep(self.revision_map, script, True) for script in reversed(revs)]

    def _upgrade_revs(self, destination: str, current_rev: Any) -> list[RevisionStep]:
        with named(destination):
            steps = upgrade_route(self.revision_map.graph, self._rows(current_rev), _text(destination))
        return [RevisionStep._of(self.revision_map, step) for step in steps]

    def _downgrade_revs(self, destination: str | None, current_rev: Any) -> list[RevisionStep]:
        with named(destination):
            steps = downgrade_route(self.revision_map.graph, self._rows(current_rev), destination or "base")
        return [RevisionStep._of(self.revision_map, step) for step in steps]

    def _stamp_revs(self, revision: Any, heads: Any) -> list[StampStep]:
        targets = [one or "base" for one in several(revision or "base")]
        with named(revision):
            stamps = stamp_route(self.revision_map.graph, self._rows(heads), targets)
        return [StampStep._of(self.revision_map, stamp) for stamp in stamps]

    def _rows(self, given: Any) -> tuple[str, ...]:
        """Return ids or symbols as rows of the version table."""
        return tuple(self.revision_map._resolve_rows(given))

    # -- new files ----------------------------------------------------------------------------

    def _generate_create_date(self) -> datetime:
        return creation_date(self.timezone)

    def _rev_path(self, path: str | os.PathLike[str], rev_id: str, message: str | None, create_date: datetime) -> Path:
        length = self.truncate_slug_length
        return revision_file(Path(path), rev_id, message, create_date, template=self.file_template, slug_length=length)

    def generate_revision(
        self,
        revid: str,
        message: str | None,
        head: Any = None,
        splice: bool | None = False,
        branch_labels: Any = None,
        version_path: str | os.PathLike[str] | None = None,
        file_template: str | None = None,
        depends_on: Any = None,
        **variables: Any,
    ) -> Script | None:
        """Write a revision file by ``script.py.mako`` on top of ``head`` and return it.

        ``variables`` are for the template: ``upgrades``, ``downgrades`` and ``imports`` are source, the others your
        own. Raises :class:`HistoryError`, :class:`TemplateError` and :class:`ConfigurationError`.
        """
        from flask_schema.alembic_compat.script.writing import NewFile, write_revision

        del file_template
        wish = NewFile(revid, message, head, bool(splice), branch_labels, version_path, depends_on, variables)
        return write_revision(self, wish)


def resource_path(location: str | os.PathLike[str]) -> str:
    """Return a path as it is, and ``package:folder`` as the path of that folder. Raises ConfigurationError."""
    text = os.fspath(location)
    package, colon, folder = text.partition(":")
    if not colon or Path(text).is_absolute() or len(package) == 1:  # one letter is a drive
        return text
    found = find_spec(package)
    places = list(found.submodule_search_locations or ()) if found is not None else []
    if not places:
        raise ConfigurationError(
            f"there is no package {package!r} to look for {folder} in", hint="install it, or write a path"
        )
    return os.path.join(places[0], *folder.split("/"))  # noqa: PTH118


def _text(destination: Any) -> Any:
    return destination if isinstance(destination, str) else list(several(destination))
