"""``env.py``: recognised as a template, or by what was changed in it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from flask_schema.actions.adopt import env_file
from flask_schema.actions.adopt.env_file import digest_of, look_at_env_file, statements_of
from tests.adopt.projects import APP, ENV, alembic_python, type_flask


def look(folder: Path, text: str) -> env_file.EnvironmentFile:
    path = folder / "env.py"
    path.write_text(text)
    return look_at_env_file(path)


@pytest.fixture
def stock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The templates' statements are those of the tests' own env.py, for one database."""
    table = {digest_of(one): ("flask", "other") for one in statements_of(ast.parse(ENV))}
    monkeypatch.setattr(env_file, "_stock", lambda: table)


def test_our_own_template_is_recognised(folder: Path) -> None:
    text = (Path(env_file.__file__).parents[2] / "templates" / "env.py.txt").read_text()
    found = look(folder, text)
    assert (found.template, found.is_stock, found.is_replaceable) == ("flask-schema", True, False)


@pytest.mark.usefixtures("stock")
@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: f'"""A docstring."""\n# a comment\n{text}',
        lambda text: text.replace("'", '"'),
        lambda text: text.replace(
            "    context.configure(url=url,", "    context.configure(\n        url=url,\n       "
        ),
        lambda text: text.replace("def online():", 'def online():\n    """Says something."""'),
    ],
)
def test_layout_comments_and_docstrings_are_no_change(folder: Path, change) -> None:  # type: ignore[no-untyped-def]
    found = look(folder, change(ENV))
    assert found.is_stock
    assert found.customisations == ()


@pytest.mark.usefixtures("stock")
def test_changes_are_told_with_their_lines(folder: Path) -> None:
    text = ENV.replace("connection=connection,", "connection=connection, include_object=mine,").replace(
        "context.run_migrations()\n\n\noffline", "context.run_migrations(tenant=context.get_x_argument())\n\n\noffline"
    )
    text = f"from models import Base\n{text}\n\ndef mine(*args):\n    return True\n\nlimit = 3\n"
    found = look(folder, text)
    assert found.template in {"flask", "other"}
    assert not found.is_replaceable
    said = {one.text for one in found.customisations}
    assert {
        "from models import Base",
        "function online()",
        "function mine()",
        "limit is set",
        "context.configure(connection, include_object, target_metadata, **)",
        "run_migrations() hands arguments to the scripts",
        "reads -x arguments",
    } <= said
    for one in found.customisations:
        assert text.splitlines()[one.line - 1].strip()


def test_a_file_made_by_hand_is_of_no_template(folder: Path) -> None:
    assert look(folder, "print('nothing known')\n").template is None
    few = look(folder, "from alembic import context\nprint(1)\nprint(2)\ncontext.run_migrations()\n")
    assert few.template is None
    assert len(few.customisations) == 3
    with pytest.raises(SyntaxError):
        look(folder, "def (:\n")


def test_a_mixture_of_templates_is_none_of_them(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    statements = list(statements_of(ast.parse(ENV)))
    table = {digest_of(one): ("flask" if place else "other",) for place, one in enumerate(statements)}
    monkeypatch.setattr(env_file, "_stock", lambda: table)
    found = look(folder, ENV)
    assert (found.template, found.is_replaceable, found.customisations) == (None, False, ())


@pytest.mark.parametrize(
    ("words", "template", "is_replaceable"),
    [
        ((), "flask", True),
        (("--multidb",), "flask-multidb", True),
        (("-t", "aioflask"), "aioflask", False),
    ],
)
def test_templates_of_the_real_flask_migrate_are_recognised(
    folder: Path, words: tuple[str, ...], template: str, is_replaceable: bool
) -> None:
    (folder / "app.py").write_text(APP.format(package="flask_migrate", url="sqlite:///data.sqlite"))
    done = type_flask(alembic_python(), folder, "db", "init", *words)
    assert done.code == 0, done.text
    found = look_at_env_file(folder / "migrations" / "env.py")
    assert (found.template, found.customisations, found.is_replaceable) == (template, (), is_replaceable)
