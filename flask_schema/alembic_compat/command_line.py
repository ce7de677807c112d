"""The commands of :mod:`command` on a command line, for programs that bring their own: ``config.main(argv)``."""

from __future__ import annotations

import inspect
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from flask_schema.alembic_compat import __version__, command
from flask_schema.alembic_compat.config import Config
from flask_schema.errors import SchemaError, UsageError

_FLAGS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "template": (("-t", "--template"), {"default": "generic", "help": "the template of init"}),
    "message": (("-m", "--message"), {"help": "what the revision does"}),
    "sql": (("--sql",), {"action": "store_true", "help": "write SQL instead of running it"}),
    "tag": (("--tag",), {"help": "a word for env.py"}),
    "head": (("--head",), {"help": "the revision to build on, or branch@head"}),
    "splice": (("--splice",), {"action": "store_true", "help": "allow a parent that is no head"}),
    "depends_on": (("--depends-on",), {"action": "append", "help": "a revision that has to run before"}),
    "rev_id": (("--rev-id",), {"help": "the id of the revision"}),
    "version_path": (("--version-path",), {"help": "the folder of the new file"}),
    "branch_label": (("--branch-label",), {"help": "a label for the branch"}),
    "verbose": (("-v", "--verbose"), {"action": "store_true", "help": "say more"}),
    "resolve_dependencies": (
        ("--resolve-dependencies",),
        {"action": "store_true", "help": "leave out dependencies"},
    ),
    "autogenerate": (("--autogenerate",), {"action": "store_true", "help": "compare the models with the database"}),
    "rev_range": (("-r", "--rev-range"), {"help": "a range, older:newer"}),
    "indicate_current": (("-i", "--indicate-current"), {"action": "store_true", "help": "mark the current revision"}),
    "purge": (("--purge",), {"action": "store_true", "help": "empty the version table first"}),
    "package": (("--package",), {"action": "store_true", "help": "write __init__.py files"}),
    "check_heads": (("-c", "--check-heads"), {"action": "store_true", "help": "fail unless all heads are applied"}),
}
_SEVERAL = {("stamp", "revision"): "revisions", ("merge", "revisions"): "revisions"}
_COMMANDS = (
    "branches", "check", "current", "downgrade", "edit", "ensure_version", "heads", "history", "init",
    "list_templates", "merge", "revision", "show", "stamp", "upgrade",
)  # fmt: skip


class CommandLine:
    """A parser for the commands; a program may add its own with :meth:`register_command`."""

    def __init__(self, prog: str | None = None) -> None:
        self.parser = ArgumentParser(prog=prog)
        self.parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
        self.parser.add_argument(
            "-c",
            "--config",
            action="append",
            help="an ini file or pyproject.toml; ALEMBIC_CONFIG else alembic.ini",
        )
        self.parser.add_argument("-n", "--name", default="alembic", help="the main section of the ini file")
        self.parser.add_argument("-x", action="append", help="an argument for env.py, name=value")
        self.parser.add_argument("--raiseerr", action="store_true", help="show where an error came from")
        self.parser.add_argument("-q", "--quiet", action="store_true", help="print nothing")
        self.subparsers = self.parser.add_subparsers()
        for name in _COMMANDS:
            self.register_command(getattr(command, name))

    def register_command(self, function: Callable[..., Any]) -> None:
        """Add a function of (config, ...) as a command of its name; arguments come from its signature."""
        name = function.__name__
        parameters = list(inspect.signature(function).parameters.values())[1:]
        positional = [one.name for one in parameters if one.default is one.empty]
        options = [one.name for one in parameters if one.default is not one.empty]
        summary = (inspect.getdoc(function) or "").partition("\n\n")[0]
        subparser = self.subparsers.add_parser(name, help=" ".join(summary.split()).replace("%", "%%"))
        for option in options:
            if option in _FLAGS:
                flags, details = _FLAGS[option]
                subparser.add_argument(*flags, **details)
        names = [_SEVERAL.get((name, one), one) for one in positional]
        for one in names:
            subparser.add_argument(one, nargs="+" if one == "revisions" else None)
        subparser.set_defaults(cmd=(function, names, options))

    def run_cmd(self, config: Config, options: Namespace) -> None:
        """Run the command that was parsed. An error is printed and ends the process, unless ``--raiseerr``."""
        function, positional, named = options.cmd
        try:
            function(
                config,
                *(getattr(options, name, None) for name in positional),
                **{name: getattr(options, name) for name in named if hasattr(options, name)},
            )
        except SchemaError as error:
            if options.raiseerr:
                raise
            sys.stderr.write(f"Error: {error}\n" + (f"Hint: {error.hint}\n" if error.hint else ""))
            raise SystemExit(error.exit_code) from error

    def main(self, argv: Sequence[str] | None = None) -> None:
        """Parse ``argv`` (None: of the process) and run the command."""
        options = self.parser.parse_args(argv)
        if not hasattr(options, "cmd"):
            self.parser.error("name a command")
        toml, ini = self._inis_from_config(options)
        self.run_cmd(Config(file_=ini, toml_file=toml, ini_section=options.name, cmd_opts=options), options)

    def _inis_from_config(self, options: Namespace) -> tuple[str, str]:
        """Return the names of ``pyproject.toml`` and of the ini file."""
        chosen = {"toml": "pyproject.toml", "ini": "alembic.ini"}
        environment = os.environ.get("ALEMBIC_CONFIG")
        if environment:
            chosen[_kind(environment)] = environment
        given: set[str] = set()
        for name in options.config or ():
            if _kind(name) in given:
                raise UsageError(f"--config names two files of one kind, the second is {name}")
            given.add(_kind(name))
            chosen[_kind(name)] = name
        return chosen["toml"], chosen["ini"]


def _kind(name: str) -> str:
    return "toml" if Path(name).name == "pyproject.toml" else "ini"


def main(argv: Sequence[str] | None = None, prog: str | None = None, **ignored: Any) -> None:
    """Run a command line: ``main(['-c', 'alembic.ini', 'upgrade', 'head'])``."""
    del ignored
    CommandLine(prog=prog).main(argv)
