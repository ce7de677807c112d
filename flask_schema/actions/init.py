"""``flask db init``: makes the migrations directory."""

from __future__ import annotations

from pathlib import Path

from flask_schema.actions.list_templates import list_templates
from flask_schema.errors import ConfigurationError, DirectoryNotEmpty, SchemaError, UsageError
from flask_schema.project import Project, relative
from flask_schema.values import dataclass

_TEMPLATES = Path(__file__).parents[1] / "templates"


@dataclass(frozen=True, slots=True)
class InitResult:
    """The migrations directory, and the files and folders written, in order."""

    directory: Path
    paths: tuple[Path, ...]


def init(project: Project, *, multidb: bool = False, template: str | None = None, package: bool = False) -> InitResult:
    """Write ``script.py.mako``, ``README``, ``env.py`` and the folder for revisions into the migrations directory.

    ``template`` is a name of :func:`list_templates`, or a folder whose files are copied. ``multidb`` is short for
    the one for several databases, which is also taken for an application that has several.
    ``package`` adds an empty ``__init__.py`` to both folders.
    Raises :class:`DirectoryNotEmpty` where files are there already, and :class:`UsageError` for an unknown template.
    """
    directory = project.directory
    texts = _texts(directory, template or ("flask-multidb" if multidb or _has_several(project) else "flask"))
    _refuse_files(directory, project.version_locations)
    if package:
        texts["__init__.py"] = b""
    written = []
    try:
        for location in project.version_locations:
            location.mkdir(parents=True, exist_ok=True)
            written.append(location)
            if package:
                (location / "__init__.py").touch()
                written.append(location / "__init__.py")
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in texts.items():
            (directory / name).write_bytes(content)
            written.append(directory / name)
    except OSError as error:
        raise SchemaError(
            f"cannot write the migrations directory: {error.strerror}",
            hint="check that its parent may be written to",
            file=error.filename,
        ) from error
    return InitResult(directory, tuple(written))


def _has_several(project: Project) -> bool:
    """Whether the application has several databases; a file for one would lose what is for the others."""
    if project.app is None:
        return False
    try:
        return len(project.databases) > 1
    except ConfigurationError:
        return False  # the first command that needs a database says what is wrong


def _refuse_files(directory: Path, locations: tuple[Path, ...]) -> None:
    if directory.is_file():
        raise DirectoryNotEmpty(f"{relative(directory)} is a file", hint="name another directory with --directory")
    for folder in (directory, *locations):
        if folder.is_dir() and any(child not in locations for child in folder.iterdir()):
            raise DirectoryNotEmpty(
                f"the directory {relative(folder)} exists and is not empty",
                hint="the history may begin already: 'flask db history' shows it; or name another with --directory",
            )


def _texts(directory: Path, template: str) -> dict[str, bytes]:
    """The files to write, by name."""
    if "/" in template or "\\" in template:
        folder = Path(template)
        if not folder.is_dir():
            raise UsageError(f"there is no template folder {template}", hint="'flask db list-templates' lists ours")
        return dict(_copy(path, directory) for path in sorted(folder.iterdir()) if path.is_file())
    known = {one.name: one for one in list_templates()}
    if template not in known:
        raise UsageError(f"there is no template {template!r}", hint=f"there are {', '.join(known)}, or name a folder")
    return {
        "script.py.mako": known[template].file.read_bytes(),
        "README": (_TEMPLATES / "README").read_bytes(),
        "env.py": (_TEMPLATES / "env.py.txt").read_bytes(),
    }


def _copy(path: Path, directory: Path) -> tuple[str, bytes]:
    """The name and content of a file made from one of a template folder; of the Mako files only an ini is rendered."""
    if path.name.endswith(".ini.mako"):
        from flask_schema.scripts.template import render_file

        return path.name.removesuffix(".mako"), render_file(path, {"script_location": relative(directory)}).encode()
    name = path.name.removesuffix("_")
    return name if name == "script.py.mako" else name.removesuffix(".mako"), path.read_bytes()
