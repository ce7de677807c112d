"""``Config``: which migrations a program means, as an ini file, ``pyproject.toml`` or the program itself says."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

from flask_schema.config.alembic_options import AlembicOptions
from flask_schema.config.alembic_options import PostWriteHookConfig as PostWriteHookConfig


class Config(AlembicOptions):
    """Options in sections, as ``alembic.ini`` has them, and ``attributes`` for objects such as a connection.

    A program may make one without any file and set ``script_location`` and ``sqlalchemy.url`` itself. ``stdout`` is
    where commands print, ``output_buffer`` where SQL is written. Several can be used at once in threads.
    """

    def __init__(
        self,
        file_: str | os.PathLike[str] | None = None,
        toml_file: str | os.PathLike[str] | None = None,
        ini_section: str = "alembic",
        output_buffer: TextIO | None = None,
        stdout: TextIO | None = None,
        cmd_opts: Namespace | None = None,
        config_args: Mapping[str, Any] | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(file_, toml_file, ini_section, cmd_opts, config_args)
        self.output_buffer = output_buffer
        self.stdout: TextIO = stdout if stdout is not None else sys.stdout
        self.attributes: dict[str, Any] = dict(attributes or {})

    # -- printing -----------------------------------------------------------------------------

    @property
    def messaging_opts(self) -> dict[str, bool]:
        """Whether commands are to be ``quiet``."""
        return {"quiet": bool(getattr(self.cmd_opts, "quiet", False))}

    def print_stdout(self, text: Any, *arguments: Any) -> None:
        """Print a line to ``stdout``; with arguments they are filled into the text's ``%s``."""
        if self.messaging_opts["quiet"]:
            return
        line = str(text) % arguments if arguments else str(text)
        encoding = getattr(self.stdout, "encoding", None) or "ascii"
        self.stdout.write(line.encode(encoding, "replace").decode(encoding))
        self.stdout.write("\n")

    def get_template_directory(self) -> str:
        """Return the folder of the templates for :func:`command.init`."""
        return str(Path(__file__).parents[1] / "templates" / "programs")

    def _get_template_path(self) -> Path:
        return Path(self.get_template_directory())


def __getattr__(name: str) -> Any:
    if name in {"CommandLine", "main"}:  # they know the commands, and the commands know Config
        return getattr(import_module("flask_schema.alembic_compat.command_line"), name)
    if name == "command":
        return import_module("flask_schema.alembic_compat.command")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
