"""``Script``: a revision with its file."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from flask_schema.alembic_compat.script.nodes import Revision, several
from flask_schema.history import Header, read_header
from flask_schema.scripts.load import load_module


class Script(Revision):
    """A revision file. Its header has been read; ``module`` runs the file when it is first asked for."""

    _db_current_indicator: bool | None = None

    def __init__(self, module: ModuleType, rev_id: str, path: str | os.PathLike[str]) -> None:
        super().__init__(
            rev_id,
            module.down_revision,
            branch_labels=getattr(module, "branch_labels", None),
            dependencies=getattr(module, "depends_on", None),
        )
        self.__dict__["module"] = module
        self.path = os.fspath(path)
        self._docstring = (module.__doc__ or "").strip()
        self._replaces = several(getattr(module, "replaces", None))

    @classmethod
    def _of_header(cls, header: Header) -> Script:
        script = cls.__new__(cls)
        Revision.__init__(script, header.revision, header.down_revisions, header.depends_on, header.branch_labels)
        script.path = str(header.path)
        script._docstring = header.docstring
        script._replaces = header.replaces
        return script

    @classmethod
    def _from_path(cls, scriptdir: Any, path: str | os.PathLike[str]) -> Script | None:
        """Return the revision in a file, None where there is none. Raises :class:`RevisionFileError`."""
        del scriptdir
        header = read_header(os.fspath(path))
        return cls._of_header(header) if header is not None else None

    @cached_property
    def module(self) -> ModuleType:
        """The file as a module. Raises :class:`RevisionFileError` and :class:`ScriptError`."""
        return load_module(Path(self.path))

    def header(self) -> Header:
        """Return what the graph needs to know of it."""
        return super().header()._replace(replaces=self._replaces, docstring=self._docstring, path=self.path)

    @property
    def longdoc(self) -> str:
        """The docstring, stripped."""
        return self._docstring

    @property
    def doc(self) -> str:
        """The docstring's first paragraph."""
        return self._docstring.partition("\n\n")[0]

    # -- as text ------------------------------------------------------------------------------

    def _format_down_revision(self) -> str:
        return ", ".join(self._versioned_down_revisions) or "<base>"

    def _marks(self, **marks: Any) -> str:
        return "".join(f" ({name.replace('_', ' ')})" for name, is_so in marks.items() if is_so)

    @property
    def log_entry(self) -> str:
        """The revision on several lines, as ``history --verbose`` prints it."""
        marks = self._marks(
            head=self.is_head,
            branchpoint=self.is_branch_point,
            mergepoint=self.is_merge_point,
            current=self._db_current_indicator,
        )
        lines = [
            f"Rev: {self.revision}{marks}",
            f"{'Merges' if self.is_merge_point else 'Parent'}: {self._format_down_revision()}",
        ]
        if self.dependencies:
            lines.append(f"Also depends on: {_listed(self.dependencies)}")
        if self.is_branch_point:
            lines.append(f"Branches into: {_listed(self.nextrev)}")
        if self.branch_labels:
            lines.append(f"Branch names: {_listed(self.branch_labels)}")
        lines += [f"Path: {self.path}", "", *(f"    {line}" for line in self.longdoc.splitlines())]
        return "\n".join(lines) + "\n"

    def __str__(self) -> str:
        marks = self._marks(head=self.is_head, branchpoint=self.is_branch_point, mergepoint=self.is_merge_point)
        return f"{self._format_down_revision()} -> {self.revision}{marks}, {self.doc}"

    def cmd_format(
        self,
        verbose: bool,
        include_branches: bool = False,
        include_doc: bool = False,
        include_parents: bool = False,
        tree_indicators: bool = True,
    ) -> str:
        """Return the revision as commands print it: in a line, or with ``verbose`` in several."""
        if verbose:
            return self.log_entry
        text = self.revision
        if include_parents:
            needed = f" ({_listed(self.dependencies)})" if self.dependencies else ""
            text = f"{self._format_down_revision()}{needed} -> {text}"
        if include_branches and self.branch_labels:
            text += f" ({_listed(self.branch_labels)})"
        text += self._marks(
            head=self._is_real_head,
            effective_head=self.is_head and not self._is_real_head,
            current=self._db_current_indicator,
        )
        if tree_indicators:
            text += self._marks(branchpoint=self.is_branch_point, mergepoint=self.is_merge_point)
        return f"{text}, {self.doc}" if include_doc else text


def _listed(values: Any) -> str:
    return ", ".join(sorted(values) if isinstance(values, (set, frozenset)) else several(values))
