"""``flask db adopt``: what a project has, what will differ after the change, and what stands in its way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from flask_schema.actions.adopt.env_file import EnvironmentFile, look_at_env_file
from flask_schema.actions.adopt.script_names import MissingName, read_names
from flask_schema.actions.adopt.setup import ALEMBIC, FLASK_ALEMBIC, FLASK_MIGRATE, OURS, Setup
from flask_schema.actions.adopt.sql_comparison import SqlComparison, compare_sql
from flask_schema.actions.current import current
from flask_schema.config import list_settings
from flask_schema.errors import HistoryError, SchemaError
from flask_schema.history.routes import Step, upgrade_route
from flask_schema.project import Project, relative
from flask_schema.values import dataclass

_NO_DIRECTORY = (
    "there is no migrations directory: 'flask db init' makes an empty one, "
    "and 'flask db adopt --from-database' one that begins with the schema in the database"
)
_DISTRIBUTIONS = {FLASK_MIGRATE: "Flask-Migrate", FLASK_ALEMBIC: "Flask-Alembic", ALEMBIC: "alembic"}


@dataclass(frozen=True, slots=True)
class DatabaseFinding:
    """One database: at which revisions it is, and how many are pending; ``problem`` says why that is not known."""

    name: str
    url: str
    revisions: tuple[str, ...] = ()
    pending: int = 0
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that was found.

    ``extension`` and ``release`` are what migrates the project today. ``obstacles`` are what has to be mended or
    decided first, ``differences`` what will be otherwise and needs nothing; both sentences. ``binding`` is the line
    that binds the application, where more than an import has to change.
    """

    extension: str | None
    release: str | None = None
    directory: Path | None = None
    ini: Path | None = None
    pyproject: Path | None = None
    revision_count: int = 0
    importing_count: int = 0
    heads: tuple[str, ...] = ()
    env_file: EnvironmentFile | None = None
    missing: tuple[MissingName, ...] = ()
    databases: tuple[DatabaseFinding, ...] = ()
    sql: SqlComparison | None = None
    differences: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()
    binding: str | None = None

    @property
    def is_ready(self) -> bool:
        """Whether nothing stands in the way, and both engines say the same as far as they were compared."""
        return not self.obstacles and not (self.sql is not None and self.sql.differences)


def look(
    setup: Setup, *, app_path: str | None = None, whole_history: bool = False, ask_alembic: bool = True
) -> Findings:
    """Look at a project. ``whole_history`` compares the SQL of every revision, and not of the pending ones only."""
    project = setup.project
    files = project.alembic_files
    found = Findings(setup.extension, _release(setup.extension), ini=files.ini, pyproject=files.toml)
    if not project.directory.is_dir():
        return replace(found, obstacles=(_NO_DIRECTORY,))
    obstacles = [f"{place} is no setting of Flask-Schema: leave it out" for place in setup.unknown]
    found = replace(found, directory=project.directory, env_file=_env_file(project, obstacles))
    try:
        graph = project.history.graph
    except HistoryError as error:
        return replace(found, obstacles=(*obstacles, str(error)))
    scripts = [one.path for one in graph.revisions.values() if one.path is not None]
    used = read_names([*scripts, *([found.env_file.path] if found.env_file is not None else [])])
    knows_databases = project.app is not None or project.env_file.is_file()
    states = tuple(_databases(project)) if knows_databases else ()
    obstacles += [f"{relative(one.path)}:{one.line} uses {one.name}, which is not here" for one in used.missing]
    obstacles += [f"{one.url}: {one.problem}" for one in states if one.problem]
    found = replace(
        found,
        revision_count=len(graph.revisions),
        importing_count=used.imports,
        heads=graph.heads,
        missing=used.missing,
        databases=states,
        binding=_binding(setup),
        obstacles=tuple(obstacles),
    )
    sql = _compare(project, states, app_path, whole_history) if ask_alembic and states else None
    return replace(found, sql=sql, differences=tuple(_differences(setup, found)))


def _release(extension: str | None) -> str | None:
    try:
        return version(_DISTRIBUTIONS[extension]) if extension in _DISTRIBUTIONS else None
    except PackageNotFoundError:
        return None


def _env_file(project: Project, obstacles: list[str]) -> EnvironmentFile | None:
    path = project.env_file
    if not path.is_file():
        return None
    try:
        return look_at_env_file(path)
    except (OSError, SyntaxError, ValueError) as error:
        obstacles.append(f"{relative(path)} cannot be read: {error}")
        return None


def _databases(project: Project) -> Iterator[DatabaseFinding]:
    """Where each database stands; one that cannot be asked says why. ``env.py`` may know databases of its own."""
    try:
        for state in current(project):
            steps = upgrade_route(project.history.graph, state.revisions, "heads")
            yield DatabaseFinding(state.name, state.url, state.revisions, len(steps))
    except SchemaError as error:
        yield from _unknown_databases(project, error.message)


def _unknown_databases(project: Project, problem: str) -> Iterator[DatabaseFinding]:
    try:
        for database in project.databases:
            yield DatabaseFinding(database.name, database.url, problem=problem)
    except SchemaError:
        yield DatabaseFinding("", "the database", problem=problem)


def _compare(
    project: Project, states: Sequence[DatabaseFinding], app_path: str | None, whole_history: bool
) -> SqlComparison | None:
    if any(one.problem for one in states):
        return None
    rows = () if whole_history else states[0].revisions
    graph = project.history.graph
    steps: tuple[Step, ...] = upgrade_route(graph, rows, "heads") if graph.heads else ()
    if len(states) > 1 and not project.env_file.is_file():
        return SqlComparison(reason="the project has several databases, and no env.py that Alembic needs for them")
    if not whole_history and len({one.revisions for one in states}) > 1:
        return SqlComparison(reason="the databases are at different revisions; --whole-history compares all")
    return compare_sql(project, steps, rows, app_path)


def _binding(setup: Setup) -> str | None:
    """The line that binds the application, for a project whose own line is another call."""
    project = setup.project
    if setup.extension not in (FLASK_ALEMBIC, ALEMBIC):
        return None
    has_extension = project.app is not None and "sqlalchemy" in project.app.extensions
    arguments = ["app", "db"] if has_extension else ["app", "metadata=Base.metadata", "engine=engine"]
    if relative(project.directory) != "migrations":
        arguments.append(f"directory={relative(project.directory)!r}")
    if setup.extension == FLASK_ALEMBIC:
        arguments.append(f"version_locations={[relative(one) for one in project.version_locations]!r}")
        usual = list_settings()
        arguments += [
            f"{name}={value!r}"
            for name, value in project.options.items()
            if name not in {"directory", "version_locations"} and value != usual[name].default
        ]
    return f"Migrate({', '.join(arguments)})"


def _differences(setup: Setup, found: Findings) -> Iterator[str]:
    project = setup.project
    if setup.extension == OURS:
        return
    options = project.options
    if "compare_server_default" not in options and setup.extension != FLASK_ALEMBIC:
        yield (
            "server defaults are compared, which Alembic leaves out unless told; so are checks, computed columns and "
            "enum values: 'flask db check' may list what had gone unseen"
        )
    if setup.extension == FLASK_MIGRATE and options.get("render_as_batch"):
        yield (
            "new revisions are written without 'with op.batch_alter_table': SQLite needs none here; "
            "Migrate(render_as_batch=True) writes them, which Alembic needs on SQLite if you go back"
        )
    if found.env_file is not None and found.env_file.is_replaceable:
        yield f"{relative(found.env_file.path)} is not needed: --rewrite removes it"
        if len(found.databases) > 1:
            yield "without it --sql writes all databases to standard output, one after the other, and no file for each"
    if setup.extension == FLASK_ALEMBIC:
        yield 'app.config["ALEMBIC"] and ["ALEMBIC_CONTEXT"] are not read: the line above has what they say'
