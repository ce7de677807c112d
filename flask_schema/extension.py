"""``Migrate``: binds an application and its databases to the commands."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from flask_schema.config import Layer, read_app_config, read_pyproject, settings_of
from flask_schema.errors import ConfigurationError
from flask_schema.project import Binding, Configure, bind
from flask_schema.snapshot.keywords import accept_keywords

if TYPE_CHECKING:
    from flask import Flask

    from flask_schema.alembic_compat.config import Config


class Migrate:
    """The extension.

    ``Migrate(app, db)``, or ``migrate = Migrate()`` and ``migrate.init_app(app, db)`` in an application factory.

    ``db`` is a Flask-SQLAlchemy or Flask-SQLAlchemy-Lite object. Without one, give ``metadata`` (a MetaData, a
    declarative base, or a list of these; also in the place of ``db``) and ``engine`` or ``url`` (or a function that
    returns either); each of them may be a dictionary by database name. ``metadata`` is needed beside
    Flask-SQLAlchemy-Lite, which does not know the models.

    All other arguments are settings, named as in Flask-Migrate and in Alembic's ``context.configure``; one that is
    None is as in ``app.config``, in ``pyproject.toml``, or its default. Raises :class:`UnknownSetting` and
    :class:`ConfigurationError` for what is not a setting or not its value.
    """

    def __init__(
        self,
        app: Flask | None = None,
        db: Any = None,
        directory: str | Path | None = None,
        command: str | None = None,
        compare_type: bool | Callable[..., Any] | None = None,
        render_as_batch: bool | None = None,
        *,
        metadata: Any = None,
        engine: Any = None,
        url: Any = None,
        **options: Any,
    ) -> None:
        self.db = self._given_db = db
        self._metadata = metadata
        self._engine = engine if engine is not None else url
        self.configure_callbacks: list[Configure] = []
        accept_keywords()
        self._options = {
            **_without_none(options),
            **_named(directory, command, compare_type, render_as_batch),
        }
        _check(self._options)
        if app is not None:
            self.init_app(app)

    def init_app(
        self,
        app: Flask,
        db: Any = None,
        directory: str | Path | None = None,
        command: str | None = None,
        compare_type: bool | Callable[..., Any] | None = None,
        render_as_batch: bool | None = None,
        *,
        metadata: Any = None,
        engine: Any = None,
        url: Any = None,
        **options: Any,
    ) -> None:
        """Bind ``app``. What is given here counts for this application, and before what the constructor was given."""
        chosen = {
            **self._options,
            **_without_none(options),
            **_named(directory, command, compare_type, render_as_batch),
        }
        _check(chosen)
        self.db = db if db is not None else self.db
        bind(
            app,
            Binding(
                self,
                db if db is not None else self._given_db,
                metadata if metadata is not None else self._metadata,
                next((one for one in (engine, url, self._engine) if one is not None), None),
                chosen,
                self.configure_callbacks,
            ),
        )
        _register(app, chosen)

    @property
    def directory(self) -> str:
        """The migrations directory as it was given, or its default."""
        return str(self._options.get("directory") or "migrations")

    @property
    def command(self) -> str:
        """The name of the command group as it was given, or its default."""
        return str(self._options.get("command") or "db")

    @property
    def alembic_ctx_kwargs(self) -> dict[str, Any]:
        """The options for comparing and running that were given, by name."""
        return {name: value for name, value in self._options.items() if name not in {"directory", "command"}}

    def configure(self, function: Configure) -> Configure:
        """Register a function that changes the settings of every command: ``@migrate.configure``.

        It gets a dictionary of settings, with ``set_main_option`` as Alembic's Config has it. Functions are called in
        the order in which they were registered.
        """
        self.configure_callbacks.append(function)
        return function

    def get_config(
        self,
        directory: str | Path | None = None,
        x_arg: str | Sequence[str] | None = None,
        opts: Sequence[str] | None = None,
    ) -> Config:
        """Return the configuration that the functions of ``flask_schema.command`` take, as Flask-Migrate does.

        It is the ini file of the migrations directory, with that directory as ``script_location``. ``x_arg`` are
        ``-x`` arguments, ``opts`` names of options that count as given. The ``configure`` functions are called with it.
        Raises :class:`click.ClickException` when a command of Flask-Migrate asks, which would run Alembic with it.
        """
        from flask_schema.alembic_compat.config import Config

        _refuse_other_command()
        folder = Path(directory or self.directory)
        config = Config(folder / "alembic.ini")
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        given = (x_arg,) if isinstance(x_arg, str) else x_arg or ()
        config.cmd_opts = Namespace(x=[*given], **dict.fromkeys(opts or (), True))
        return self.call_configure_callbacks(config)

    def call_configure_callbacks(self, config: Config) -> Config:
        """Return what the ``configure`` functions make of ``config``, in the order in which they were registered."""
        for function in self.configure_callbacks:
            config = cast(Any, function)(config) or config
        return config


def _refuse_other_command() -> None:
    """Say so where Flask-Migrate's own command has been reached: before 4.0 it had an entry point of the same name."""
    import click

    context = click.get_current_context(silent=True)
    callback = context.command.callback if context is not None else None
    if callback is not None and callback.__module__.partition(".")[0] == "flask_migrate":
        raise click.ClickException(
            "'flask db' is Flask-Migrate's command here, since both packages are installed and that one came first, "
            "and the application uses Flask-Schema. Uninstall Flask-Migrate: pip uninstall Flask-Migrate"
        )


def _named(
    directory: str | Path | None,
    command: str | None,
    compare_type: bool | Callable[..., Any] | None,
    render_as_batch: bool | None,
) -> dict[str, Any]:
    return _without_none(
        {
            "directory": directory,
            "command": command,
            "compare_type": compare_type,
            "render_as_batch": render_as_batch,
        }
    )


def _without_none(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _check(options: dict[str, Any]) -> None:
    """Refuse a mistake where it is made, and not when the first command runs."""
    settings_of([Layer("Migrate(...)", options)])


def _register(app: Flask, options: Mapping[str, Any]) -> None:
    """Make the commands known to the application, also where the package's entry point is not installed."""
    from flask_schema.cli import db

    if "db" not in app.cli.commands:
        app.cli.add_command(db, "db")
    command = options.get("command") or _command_elsewhere(app)
    if command:
        app.cli.add_command(db, str(command))


def _command_elsewhere(app: Flask) -> str | None:
    try:
        layers = [read_pyproject(Path.cwd(), app.root_path), read_app_config(app.config)]
        return settings_of([layer for layer in layers if layer is not None]).command
    except ConfigurationError:
        return None  # the first command reports it; a web server need not fail to start for it
