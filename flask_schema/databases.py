"""Databases: where an application keeps its engines and models, and what can be wrong with connecting to one.

Flask-SQLAlchemy 3 (with binds), Flask-SQLAlchemy-Lite and plain SQLAlchemy are told apart by what they offer, not
by their types, and nothing is looked up before it is needed: SQLAlchemy itself is imported with the first engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import field
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from flask_schema.errors import (
    ConfigurationError,
    DatabaseError,
    DatabaseUnknown,
    DatabaseUnreachable,
    DriverMissing,
    UrlInvalid,
    mask_passwords,
)
from flask_schema.values import dataclass

if TYPE_CHECKING:
    import sqlalchemy as sa

# The module that a driver is imported by, and the extra of this package that installs a driver for its database.
_EXTRAS = {
    "psycopg": "postgresql",
    "psycopg2": "postgresql",
    "asyncpg": "postgresql",
    "pg8000": "postgresql",
    "sqlalchemy_cockroachdb": "cockroachdb",
    "pymysql": "mysql",
    "MySQLdb": "mysql",
    "mysql": "mysql",
    "mariadb": "mariadb",
}
# What the extra's driver is called in a URL.
_URL_STARTS = {"postgresql": "postgresql+psycopg://", "mysql": "mysql+pymysql://", "mariadb": "mariadb+pymysql://"}
_URL_MISTAKES = {"postgres": "postgresql", "psql": "postgresql", "sqlite3": "sqlite", "cockroach": "cockroachdb"}

DEFAULT_NAMES = ("", "default")
"""Names under which a list of databases may mean the default one."""


@dataclass(frozen=True)
class Database:
    """One database of an application.

    ``name`` is "" for the default one. ``metadatas`` are its models, empty when nobody said where they are.
    ``source`` is the engine, its URL, or a function that gives either.
    """

    name: str
    metadatas: tuple[sa.MetaData, ...]
    source: Any = field(repr=False)

    @cached_property
    def _found(self) -> Any:
        found = self.source() if callable(self.source) else self.source
        if hasattr(found, "sync_engine"):
            raise _asynchronous(getattr(getattr(found, "dialect", None), "name", "postgresql"))
        return found

    @cached_property
    def engine(self) -> sa.Engine:
        """The engine. Raises :class:`UrlInvalid` and :class:`DriverMissing`."""
        found = self._found
        if hasattr(found, "connect"):
            engine: sa.Engine = found
            return engine
        import sqlalchemy as sa

        url = read_url(found)
        with translated(url):
            made = sa.create_engine(url, poolclass=sa.NullPool)
        if made.dialect.is_async:
            raise _asynchronous(url.get_backend_name())
        return made

    @cached_property
    def dialect(self) -> sa.Dialect:
        """SQLAlchemy's dialect; for a database given by its URL no driver is needed. Raises :class:`UrlInvalid`."""
        return self.make_dialect()

    def make_dialect(self, **options: Any) -> sa.Dialect:
        """The dialect; ``options`` are those of its class, for a database given by its URL."""
        if hasattr(self._found, "connect"):
            return self.engine.dialect
        url = read_url(self._found)
        _let_cockroachdb_be_written(url)
        with translated(url):
            return url.get_dialect()(**options)

    @property
    def url(self) -> str:
        """The URL as text, its password masked. Raises :class:`UrlInvalid`."""
        found = self._found
        url = found.url if hasattr(found, "connect") else read_url(found)
        return mask_passwords(url.render_as_string(hide_password=True))

    @contextmanager
    def connect(self) -> Iterator[sa.Connection]:
        """Give a connection, and close it at the end.

        Raises :class:`DatabaseUnreachable`, :class:`DriverMissing` and :class:`UrlInvalid`, each without a password.
        """
        engine = self.engine
        with translated(engine.url):
            connection = engine.connect()
        with connection:
            yield connection


def _asynchronous(backend: str) -> ConfigurationError:
    start = _URL_STARTS.get(backend) or f"{backend}{'+psycopg' if backend == 'cockroachdb' else ''}://"
    return ConfigurationError(
        "migrations need a synchronous engine, and this one is asynchronous",
        hint=f"give Migrate(...) the URL with a synchronous driver: url='{start}...'",
    )


def _let_cockroachdb_be_written(url: sa.URL) -> None:
    """SQL for CockroachDB is written without its package too, by a dialect of our own that knows no driver."""
    if url.get_backend_name() != "cockroachdb" or find_spec("sqlalchemy_cockroachdb") is not None:
        return
    from sqlalchemy.dialects import registry

    place = ("flask_schema.dialects.cockroachdb.writing", "CockroachdbWritingDialect")
    for name in ("cockroachdb", url.drivername.replace("+", ".")):
        registry.register(name, *place)


# -- what can be wrong ------------------------------------------------------------------------


def read_url(text: Any) -> sa.URL:
    """Return ``text`` as a URL. Raises :class:`UrlInvalid`."""
    import sqlalchemy as sa

    with translated(text):
        try:
            return sa.make_url(text)
        except ValueError as error:  # a port that is no number
            raise UrlInvalid(
                "the database URL cannot be used: its port is not a number",
                hint="write it as dialect://user@host:port/database",
            ) from error


@contextmanager
def translated(url: Any = None) -> Iterator[None]:
    """Turn SQLAlchemy's and a driver's errors into ours; ``url`` is the one in use, if any."""
    try:
        yield
    except Exception as error:
        found = explain_error(error, url)
        if found is None:
            raise
        raise found from error


def explain_error(error: BaseException, url: Any = None) -> DatabaseError | None:
    """Return what ``error`` says about a database connection, as an error of ours; None if it is about other things."""
    if isinstance(error, ModuleNotFoundError):
        return _missing_driver(error, url)
    import sqlalchemy as sa

    if isinstance(error, sa.exc.NoSuchModuleError):
        return _unknown_dialect(error, url)
    if isinstance(error, sa.exc.ArgumentError):
        message = _without_password(_one_line(str(error)), url)
        return UrlInvalid(
            f"the database URL cannot be used: {message}", hint="write it as dialect://user@host/database"
        )
    if isinstance(error, sa.exc.DBAPIError):
        message = _without_password(_one_line(str(error.orig or error)), url)
        return DatabaseUnreachable(
            f"cannot connect to the database {_shown(url)}: {message}",
            hint="check that it is running and that its URL is right",
        )
    return None


def _missing_driver(error: ModuleNotFoundError, url: Any) -> DriverMissing | None:
    module = (error.name or "").partition(".")[0]
    if module not in _EXTRAS:
        return None
    extra = _EXTRAS[module]
    if str(getattr(url, "drivername", url or "")).startswith("cockroachdb"):
        extra = "cockroachdb"
    hint = f"run: pip install 'flask-schema[{extra}]'"
    if module not in {"psycopg", "pymysql", "sqlalchemy_cockroachdb"} and extra in _URL_STARTS:
        hint += f", and begin the URL with {_URL_STARTS[extra]}"
    return DriverMissing(f"the database driver {module!r} is not installed", hint=hint)


def _unknown_dialect(error: Exception, url: Any) -> DatabaseError:
    drivername = str(getattr(url, "drivername", None) or str(error).rpartition(":")[2]).replace(".", "+")
    name = drivername.partition("+")[0]
    if name == "cockroachdb":
        return DriverMissing(
            "SQLAlchemy's dialect for cockroachdb is not installed", hint="run: pip install 'flask-schema[cockroachdb]'"
        )
    meant = _URL_MISTAKES.get(name) or _closest_dialect(name)
    return UrlInvalid(
        f"the database URL begins with '{drivername}://', and there is no such dialect or driver",
        hint=f"write {meant}:// instead" if meant else "write postgresql://, mysql://, sqlite:// or cockroachdb://",
    )


def _closest_dialect(name: str) -> str | None:
    from difflib import get_close_matches

    found = get_close_matches(name.lower(), ["postgresql", "mysql", "mariadb", "sqlite", "cockroachdb"], n=1)
    return found[0] if found else None


def _shown(url: Any) -> str:
    return mask_passwords(url.render_as_string(hide_password=True)) if hasattr(url, "render_as_string") else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _without_password(text: str, url: Any) -> str:
    """Take the password out also where the driver repeats it in words of its own."""
    password = getattr(url, "password", None)
    return mask_passwords(text.replace(str(password), "***") if password else text)


# -- where they are ---------------------------------------------------------------------------


def find_databases(
    *,
    app: Any = None,
    db: Any = None,
    metadata: Any = None,
    engine: Any = None,
    names: tuple[str, ...] | None = None,
) -> tuple[Database, ...]:
    """Return the databases to migrate, the default one first.

    ``db`` is a Flask-SQLAlchemy object, or stands for ``metadata``. ``metadata`` is a MetaData, a class with one, a
    list of them, or these by database name. ``engine`` is an engine, a URL, a function, or these by database name;
    without it ``db`` has the engines, or ``SQLALCHEMY_DATABASE_URI`` in ``app.config`` says the URL.
    ``names`` are those wanted (see the setting ``databases``).
    Raises :class:`ConfigurationError` where there is none, and :class:`DatabaseUnknown` for a name of none.
    """
    if db is not None and metadata is None and not _has_engines(db):
        db, metadata = None, db
    sources = _by_name(engine) if engine is not None else _engines_of(app, db)
    models = {name: _metadatas(one) for name, one in _by_name(metadata).items()} if metadata is not None else {}
    if db is not None and metadata is None:
        models = {_name(key): (one,) for key, one in dict(getattr(db, "metadatas", None) or {}).items()}
    if names is None:
        chosen = [name for name in sources if not name or any(one.tables for one in models.get(name, ()))]
        chosen = chosen or list(sources)
    else:
        chosen = [_choose(name, sources) for name in names]
    ordered = sorted(dict.fromkeys(chosen), key=bool)
    return tuple(Database(name, models.get(name, ()), sources[name]) for name in ordered)


def _has_engines(db: Any) -> bool:
    """Whether ``db`` is an extension; its engines are a property that only an application context can read."""
    return hasattr(type(db), "engines") or "engines" in getattr(db, "__dict__", {})


def _engines_of(app: Any, db: Any) -> dict[str, Any]:
    if db is None:
        url = app.config.get("SQLALCHEMY_DATABASE_URI") if app is not None else None
        if not url:
            raise ConfigurationError(
                "there is no database to migrate",
                hint="give Migrate() a Flask-SQLAlchemy object, or engine= or url= beside the MetaData",
            )
        return {"": url}
    try:
        with _app_context(app), translated():
            found = dict(db.engines)
    except (RuntimeError, KeyError) as error:
        raise ConfigurationError(
            f"the application's engines cannot be found: {_one_line(str(error))}",
            hint="call db.init_app(app) in the application factory, with the database's URL in app.config",
        ) from error
    return {_name(key): one for key, one in found.items()}


@contextmanager
def _app_context(app: Any) -> Iterator[None]:
    """The context of ``app``: the current one where it is already, for a new one would run its teardown."""
    from flask import current_app

    is_current = bool(current_app) and current_app._get_current_object() is app  # type: ignore[attr-defined]
    with nullcontext() if is_current or app is None else app.app_context():
        yield


def _name(key: Any) -> str:
    """Flask-SQLAlchemy calls the default database None, Flask-SQLAlchemy-Lite "default"."""
    return "" if key is None or key == "default" else str(key)


def _by_name(given: Any) -> dict[str, Any]:
    if isinstance(given, Mapping):
        return {_name(key): one for key, one in given.items()}
    return {"": given}


def _metadatas(given: Any) -> tuple[Any, ...]:
    if isinstance(given, Iterable) and not hasattr(given, "tables"):
        return tuple(one for inner in given for one in _metadatas(inner))
    found = given if hasattr(given, "tables") else getattr(given, "metadata", None)
    if not hasattr(found, "tables"):
        raise ConfigurationError(
            f"{given!r} is neither a MetaData nor a class with one",
            hint="give Migrate() a Flask-SQLAlchemy object, or the MetaData of the models: Base.metadata",
        )
    return (found,)


def _choose(name: str, sources: Mapping[str, Any]) -> str:
    if name in sources:
        return name
    if name in DEFAULT_NAMES and "" in sources:
        return ""
    known = ", ".join(repr(one or "default") for one in sources) or "none"
    raise DatabaseUnknown(f"there is no database {name!r}", hint=f"the application has {known}")
