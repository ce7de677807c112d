"""The reference says what the code says, and every operation has its four corresponding parts."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from flask_schema.dialects.compiler import Compiler
from flask_schema.dialects.postgresql.compiler import PostgresqlCompiler
from flask_schema.operations.facade import op
from flask_schema.operations.operation import CATALOGUE
from flask_schema.scripts import source
from flask_schema.scripts.renderers import RENDERERS

DOCS = Path(__file__).parents[2] / "docs"


def generator() -> ModuleType:
    specification = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["settings.md", "errors.md", "operations.md"])
def test_the_page_says_what_the_code_says(page: str) -> None:
    written = (DOCS / "reference" / page).read_text(encoding="utf-8")
    assert written == generator().PAGES[page](), "run: python docs/generate.py"


def test_every_command_has_its_place() -> None:
    written = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    titles = [line for line in generator().commands().splitlines() if line.startswith("## ")]
    assert titles == [line for line in written.splitlines() if line.startswith("## ")], "run: python docs/generate.py"


@pytest.mark.parametrize("directive", sorted(CATALOGUE))
def test_an_operation_has_a_directive_a_compiler_and_a_renderer(directive: str) -> None:
    assert source.DIRECTIVE_MODULES
    assert callable(getattr(op, directive))
    assert hasattr(Compiler, directive) or hasattr(PostgresqlCompiler, directive)
    assert directive in RENDERERS
