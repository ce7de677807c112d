"""Writes what a ScriptDirectory and ``command.init`` write: revision files, and a directory for them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask_schema.alembic_compat.script.nodes import Revision, several
from flask_schema.alembic_compat.script.script import Script
from flask_schema.alembic_compat.script.write_hooks import run_hooks
from flask_schema.errors import (
    ConfigurationError,
    DirectoryNotEmpty,
    DuplicateRevision,
    RouteError,
    TemplateError,
    UsageError,
)
from flask_schema.scripts.template import Body, render_file, render_script
from flask_schema.scripts.template import Script as Draft
from flask_schema.scripts.writing import write_new_file
from flask_schema.values import dataclass

if TYPE_CHECKING:
    from flask_schema.alembic_compat.config import Config
    from flask_schema.alembic_compat.script.base import ScriptDirectory

_OWN_VARIABLES = frozenset({"upgrades", "downgrades", "imports", "config", "refresh"})


@dataclass(frozen=True, slots=True)
class NewFile:
    """What a new revision file shall be; see :meth:`ScriptDirectory.generate_revision`."""

    revision: str
    message: str | None
    head: Any = None
    splice: bool = False
    branch_labels: Any = None
    version_path: str | os.PathLike[str] | None = None
    depends_on: Any = None
    variables: Mapping[str, Any] = field(default_factory=dict)


def write_revision(directory: ScriptDirectory, wish: NewFile) -> Script:
    """Write a revision file, run the hooks on it, and add it to the directory's map."""
    Revision.verify_rev_id(wish.revision)
    known = directory.revision_map
    if wish.revision in known.graph:
        raise DuplicateRevision(f"there is a revision {wish.revision} already", hint="choose another rev_id")
    parents = _parents(directory, wish)
    folder = _folder(directory, wish, parents)
    moment = directory._generate_create_date()
    path = directory._rev_path(folder, wish.revision, wish.message, moment)
    variables = wish.variables
    draft = Draft(
        message=wish.message if wish.message is not None else "empty message",
        up_revision=str(wish.revision),
        down_revision=_one_or_several([parent.revision for parent in parents]),
        create_date=moment,
        branch_labels=several(wish.branch_labels) or None,
        depends_on=_one_or_several(_dependencies(directory, wish)),
        bodies={"": Body(_source(variables, "upgrades"), _source(variables, "downgrades"))},
        imports=tuple(_source(variables, "imports").splitlines()),
        config=variables.get("config"),
        arguments={name: value for name, value in variables.items() if name not in _OWN_VARIABLES},
    )
    template = Path(directory.dir, "script.py.mako")
    text = render_script(draft, template if template.is_file() else None)
    write_new_file(path, text, encoding=directory.output_encoding)
    run_hooks(path, directory.hooks)
    return _added(directory, path, wish)


def _source(variables: Mapping[str, Any], name: str) -> str:
    return str(variables.get(name) or "")


def _parents(directory: ScriptDirectory, wish: NewFile) -> list[Script]:
    parents = list(directory.revision_map.get_revisions(wish.head if wish.head is not None else "head"))
    if len(set(parents)) != len(parents):
        raise UsageError("a parent is named twice", hint="name each head once")
    inner = [parent.revision for parent in parents if not parent.is_head]
    if inner and not wish.splice:
        raise RouteError(
            f"revision {inner[0]} is not a head: a revision on top of it begins another branch",
            hint="give splice=True if that is meant",
        )
    return parents


def _folder(directory: ScriptDirectory, wish: NewFile, parents: list[Script]) -> Path:
    """Return the folder of the new file: the one that is named, the parent's, or the only one."""
    locations = directory._version_locations
    if wish.version_path is None:
        if len(locations) == 1:
            return locations[0]
        if not parents:
            raise ConfigurationError("there are several version locations", hint="name one with version_path")
        return next(
            (one for one in locations if Path(parents[0].path).is_relative_to(one)), Path(parents[0].path).parent
        )
    folder = Path(wish.version_path).absolute()
    if folder not in locations:
        raise ConfigurationError(
            f"{wish.version_path} is none of the version locations", hint=f"they are {', '.join(map(str, locations))}"
        )
    return folder


def _dependencies(directory: ScriptDirectory, wish: NewFile) -> list[str]:
    """Return the dependencies with full ids; a branch label stays one."""
    found = []
    for name in several(wish.depends_on):
        needed = directory.revision_map.get_revision(name)
        if needed is None:
            raise UsageError(f"{name!r} is no revision to depend on")
        found.append(name if name in needed.branch_labels else needed.revision)
    return found


def _added(directory: ScriptDirectory, path: Path, wish: NewFile) -> Script:
    script = Script._from_path(directory, path)
    if script is None:
        raise TemplateError(
            "the template makes a file that is no revision", hint="it has to assign 'revision' and 'down_revision'"
        )
    if wish.branch_labels and not script._orig_branch_labels:
        raise TemplateError(
            f"the revision {script.revision} was to have the labels {', '.join(several(wish.branch_labels))}, and its "
            "file has none",
            hint="add 'branch_labels = ${repr(branch_labels)}' to script.py.mako",
            file=path,
        )
    directory.revision_map.add_revision(script)
    return script


def _one_or_several(values: list[str]) -> Any:
    return None if not values else values[0] if len(values) == 1 else tuple(values)


# -- a new directory --------------------------------------------------------------------------


def write_directory(config: Config, directory: Path, template: str, *, package: bool) -> None:
    """Make a migrations directory from a template, and write the ini file and ``pyproject.toml`` that it has."""
    source = config._get_template_path() / template
    if not source.is_dir():
        known = ", ".join(sorted(folder.name for folder in config._get_template_path().iterdir()))
        raise UsageError(f"there is no template {template!r}", hint=f"the templates are {known}")
    if directory.exists() and any(directory.iterdir()):
        raise DirectoryNotEmpty(f"the directory {directory} exists and is not empty", hint="name another one")
    versions = directory / "versions"
    versions.mkdir(parents=True, exist_ok=True)
    for file in sorted(source.iterdir()):
        if file.name == "alembic.ini.mako":
            _write_ini(config, file, directory)
        elif file.name == "pyproject.toml.mako":
            _write_toml(config, file, directory)
        elif file.is_file():
            (directory / file.name.removesuffix("_")).write_bytes(file.read_bytes())
    if package:
        (directory / "__init__.py").touch()
        (versions / "__init__.py").touch()
    if not config.messaging_opts["quiet"]:
        config.print_stdout("Created %s. Say in its env.py which models are meant.", directory.absolute())


def _write_ini(config: Config, source: Path, directory: Path) -> None:
    if config._config_file_path is None:
        raise UsageError("the Config has no file name for the ini file", hint="Config('alembic.ini')")
    target = config._config_file_path.absolute()
    if not target.exists():
        target.write_text(_filled(source, target, directory), encoding="utf-8")


def _write_toml(config: Config, source: Path, directory: Path) -> None:
    if config._toml_file_path is None:
        raise UsageError("the Config has no file name for pyproject.toml", hint="Config(toml_file='pyproject.toml')")
    target = config._toml_file_path.absolute()
    if config.toml_alembic_config:
        return
    before = target.read_text(encoding="utf-8").rstrip() + "\n\n" if target.exists() else ""
    target.write_text(before + _filled(source, target, directory), encoding="utf-8")
    config.__dict__.pop("toml_alembic_config", None)


def _filled(source: Path, target: Path, directory: Path) -> str:
    """Return a file's text with the place of the directory, seen from the file."""
    if directory.is_absolute():
        location = directory.as_posix()
    else:
        location = f"%(here)s/{Path(os.path.relpath(directory.absolute(), target.parent)).as_posix()}"
    return render_file(source, {"script_location": location})
