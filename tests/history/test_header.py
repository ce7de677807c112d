"""Reading headers: the text, the syntax tree, running the file; and every way in which a file can be bad."""

from __future__ import annotations

import ast
import compileall
import py_compile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_schema.errors import RevisionFileError
from flask_schema.history import read_header
from flask_schema.history.header import read_text

PLAIN = '''"""Add the balance

Revision ID: 27c6a30d7c24
Revises: 1975ea83b712
Create Date: 2011-11-08 12:37:36.402963

"""
from typing import Sequence, Union

from alembic import op

# revision identifiers, used by Alembic.
revision: str = "27c6a30d7c24"
down_revision: Union[str, Sequence[str], None] = "1975ea83b712"
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    revision = "a local name"
    print(revision)


def downgrade() -> None:
    pass
'''


def write(tmp_path: Path, text: str, name: str = "a.py") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_plain_file_is_read_without_running_it(tmp_path: Path) -> None:
    header = read_header(write(tmp_path, PLAIN.replace("    revision = ", "    number = ") + "\nraise SystemExit\n"))
    assert header is not None
    assert header.revision == "27c6a30d7c24"
    assert header.down_revisions == ("1975ea83b712",)
    assert header.branch_labels == header.depends_on == header.replaces == ()
    assert header.docstring.startswith("Add the balance\n\nRevision ID")


def test_local_names_in_functions_do_not_matter(tmp_path: Path) -> None:
    assert read_text(PLAIN) is None  # not certain from the text, so the tree is asked
    header = read_header(write(tmp_path, PLAIN))
    assert header is not None
    assert header.revision == "27c6a30d7c24"


@pytest.mark.parametrize(
    ("source", "down", "is_text"),
    [
        ("down_revision = None", (), True),
        ("down_revision = ()", (), True),
        ("down_revision = 'x1'  # the first", ("x1",), True),
        ("down_revision = ('x1')", ("x1",), True),
        ("down_revision = ('x1', \"x2\")", ("x1", "x2"), True),
        ("down_revision = ['x1', 'x2',]", ("x1", "x2"), True),
        ("down_revision = {'x1'}", ("x1",), True),
        ("down_revision = (\n    'x1',\n    'x2',\n)", ("x1", "x2"), True),
        ("down_revision = (\n    'x1',  # mine\n    'x2',\n)", ("x1", "x2"), False),
        ("down_revision = u'x1'", ("x1",), True),
        ("down_revision = 'x' '1'", ("x1",), False),
        ("down_revision = 'x\\x31'", ("x1",), False),
        ("down_revision = ('x1', 'x1')", ("x1",), True),
        ("down_revision = 'y'; down_revision = 'x1'", ("x1",), False),
        ("down_revision = 'y'\ndown_revision = 'x1'", ("x1",), False),
        ("if True:\n    down_revision = 'x1'", ("x1",), False),
        ("down_revision = 'x' + '1'", ("x1",), False),
        ("down_revision = f'x{1}'", ("x1",), False),
        ("down_revision = other = 'x1'", ("x1",), False),
        ("down_revision, other = 'x1', 2", ("x1",), False),
        ("NOTE = '''\ndown_revision = 'y'\n'''\ndown_revision = 'x1'", ("x1",), False),
        ("try:\n    from nowhere import down_revision\nexcept ImportError:\n    down_revision = 'x1'", ("x1",), False),
    ],
)
def test_ways_to_write_a_parent(tmp_path: Path, source: str, down: tuple[str, ...], is_text: bool) -> None:
    text = f"revision = 'a'\n{source}\n\ndef upgrade():\n    pass\n"
    header = read_header(write(tmp_path, text))
    assert header is not None
    assert header.down_revisions == down
    assert (read_text(text) is not None) is is_text


@pytest.mark.parametrize("empty", ['""', "''", '("",)', '"" or ""'])
def test_an_empty_text_names_nothing(tmp_path: Path, empty: str) -> None:
    source = f"revision = 'a'\ndown_revision = {empty}\ndepends_on = {empty}\nbranch_labels = {empty}\n"
    header = read_header(write(tmp_path, source))
    assert header is not None
    assert header.down_revisions == header.depends_on == header.branch_labels == ()


def test_all_fields(tmp_path: Path) -> None:
    text = (
        "'''doc'''\nrevision = 'a'\ndown_revision = 'b'\nbranch_labels = ('one', 'two')\n"
        "depends_on = 'c'\nreplaces = ('d', 'e')\n"
    )
    header = read_header(write(tmp_path, text))
    assert header is not None
    assert header.branch_labels == ("one", "two")
    assert header.depends_on == ("c",)
    assert header.replaces == ("d", "e")


QUOTES = st.sampled_from(['"', "'"])
IDS = st.text("ab01_", min_size=1, max_size=4)


@st.composite
def values(draw: st.DrawFn) -> str:
    ids = draw(st.lists(IDS, max_size=3))
    quoted = [f"{quote}{name}{quote}" for name in ids for quote in [draw(QUOTES)]]
    form = draw(st.sampled_from(["None", "one", "tuple", "list", "set", "lines", "sum", "comment"]))
    if form == "None" or not quoted:
        return "None"
    comma = draw(st.sampled_from(["", ","])) if len(quoted) > 1 else ","
    return {
        "one": quoted[0],
        "tuple": f"({', '.join(quoted)}{comma})",
        "list": f"[{','.join(quoted)}{comma}]",
        "set": f"{{{', '.join(quoted)}}}",
        "lines": "(\n    " + ",\n    ".join(quoted) + ",\n)",
        "sum": " + ".join(quoted),
        "comment": f"{quoted[0]}  # {quoted[-1]}",
    }[form]


@st.composite
def sources(draw: st.DrawFn) -> str:
    """Sources of all kinds: assignments in docstrings, repeated and nested assignments, strings in between."""
    openings = [
        '"""doc\n\nrevision = 1\n"""',
        "'doc'",
        "# note",
        "r'''x'''",
        '"""a"""  # b',
        "",
        "('doc')",
        '"""a""" "b"',
    ]
    names = draw(st.permutations(["revision", "down_revision", "branch_labels", "depends_on", "replaces", "other"]))
    lines = [draw(st.sampled_from(openings))]
    for name in names[: draw(st.integers(3, 6))]:
        annotation = draw(st.sampled_from(["", ": str", ": Union[str, None]", " "]))
        lines.append(f"{name}{annotation} = {draw(values())}" + draw(st.sampled_from(["", "", "  # c"])))
    for _ in range(draw(st.integers(0, 2))):
        name, value = draw(st.sampled_from(names)), draw(values())
        noise = [
            f"if 1:\n    {name} = {value}",
            f"x = 1; {name} = {value}",
            f's = """\n{name} = {value}\n"""',
            f"{name} = {value};",
            f"{name} = other = {value}",
            f"def f():\n    {name} = {value}",
            f"def f():\n    return 1\n{name} = {value}",
            f"class A:\n    {name} = {value}",
            "# revision, down_revision",
            "import sys  # depends_on = 1",
            "def upgrade():\n    sys.replaces('revision')",
        ]
        lines.insert(draw(st.integers(1, len(lines))), draw(st.sampled_from(noise)))
    return "\n".join(lines) + draw(st.sampled_from(["", "\n"]))


def as_ids(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(dict.fromkeys(value))  # type: ignore[call-overload]


@given(sources())
def test_the_text_never_says_anything_else_than_running_the_file(source: str) -> None:
    found = read_text(source)
    if found is None:
        return
    tree = ast.parse(source)
    namespace: dict[str, object] = {"Union": {(str, None): None}}
    exec(compile(tree, "source", "exec", flags=0, dont_inherit=True), namespace)
    assert (found.pop("docstring") or "") == (ast.get_docstring(tree, clean=False) or "")
    for name in ("revision", "down_revision", "branch_labels", "depends_on", "replaces"):
        written, meant = found.get(name), namespace.get(name)
        assert (written is None) == (name not in namespace)
        if isinstance(meant, set):
            assert isinstance(written, tuple)
            assert set(written) == meant
        else:
            assert as_ids(written) == as_ids(meant)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = 1\n",
        "def helper():\n    revision = 1\n",
        "from alembic import op\nTABLES = ['a']\n",
        "class A:\n    revision = 'x'\n",
    ],
)
def test_helper_modules_are_no_revisions(tmp_path: Path, text: str) -> None:
    assert read_header(write(tmp_path, text)) is None


def test_a_computed_header_is_run_and_only_then(tmp_path: Path) -> None:
    text = "import uuid\nrevision = uuid.uuid5(uuid.NAMESPACE_DNS, __name__).hex[:0] + 'a1'\ndown_revision = None\n"
    header = read_header(write(tmp_path, text))
    assert header is not None
    assert header.revision == "a1"
    header = read_header(write(tmp_path, text), execute=lambda path: {"revision": path.stem, "down_revision": ["z"]})
    assert header is not None
    assert (header.revision, header.down_revisions) == ("a", ("z",))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("revision = 'a'\ndown_revision = = 'b'\n", 2, "syntax error"),
        ("<<<<<<< HEAD\nrevision = 'a'\n=======\nrevision = 'b'\n>>>>>>> x\n", 1, "conflict markers"),
        ("down_revision = 'a'\ndef upgrade(): pass\n", None, "no revision id"),
        ("def upgrade(): pass\n", None, "no revision id"),
        ("revision = 'a'\n", None, "no down_revision"),
        ("revision = ''\ndown_revision = None\n", None, "revision id"),
        ("revision = 'a@b'\ndown_revision = None\n", None, "contains @"),
        ("revision = 'a-b'\ndown_revision = None\n", None, "contains -"),
        ("revision = 'a+b:c'\ndown_revision = None\n", None, r"contains \+ :"),
        ("revision = 12\ndown_revision = None\n", None, "not a text"),
        ("revision = 'a'\ndown_revision = 12\n", None, "down_revision holds 12"),
        ("revision = 'a'\ndown_revision = ('b', '')\n", None, "down_revision holds ''"),
        ("revision = 'a'\ndown_revision = 1 / 0\n", 2, "ZeroDivisionError"),
        ("revision = 'a'\x00\n", None, "cannot be parsed|syntax error"),
    ],
)
def test_bad_files(tmp_path: Path, text: str, line: int | None, words: str) -> None:
    path = write(tmp_path, text, "bad_file.py")
    with pytest.raises(RevisionFileError, match=words) as caught:
        read_header(path)
    assert caught.value.file == str(path)
    if line is not None:
        assert caught.value.line == line


def test_declared_encodings(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(
        "# -*- coding: latin-1 -*-\n'''Größe'''\nrevision = 'a'\r\ndown_revision = None\r\n".encode("latin-1")
    )
    header = read_header(path)
    assert header is not None
    assert header.docstring == "Größe"
    path.write_bytes(b"\xef\xbb\xbf'''doc'''\nrevision = 'a'\ndown_revision = None\n")
    header = read_header(str(path))
    assert header is not None
    assert header.docstring == "doc"
    path.write_bytes(b"'''doc'''\nrevision = '\xff'\ndown_revision = None\n")
    with pytest.raises(RevisionFileError, match="not valid utf-8") as caught:
        read_header(path)
    assert caught.value.line == 2
    path.write_bytes(b"# coding: klingon\nrevision = 'a'\ndown_revision = None\n")
    with pytest.raises(RevisionFileError, match="unknown encoding 'klingon'"):
        read_header(path)
    with pytest.raises(RevisionFileError, match="cannot be read"):
        read_header(tmp_path / "absent.py")


def test_an_id_in_the_name_only(tmp_path: Path) -> None:
    header = read_header(write(tmp_path, "down_revision = None\n\ndef upgrade(): pass\n", "1975ea83b712.py"))
    assert header is not None
    assert header.revision == "1975ea83b712"


def test_compiled_files(tmp_path: Path) -> None:
    source = write(tmp_path, PLAIN + "\nprint('run')\n")
    compiled = py_compile.compile(str(source), cfile=str(tmp_path / "a.pyc"), doraise=True)
    assert compiled is not None
    header = read_header(compiled)
    assert header is not None
    assert (header.revision, header.down_revisions) == ("27c6a30d7c24", ("1975ea83b712",))
    assert header.docstring.startswith("Add the balance")


def test_compiled_files_with_lists_are_run(tmp_path: Path) -> None:
    source = write(tmp_path, "'''doc'''\nrevision = 'a'\ndown_revision = ['b']\n\ndef upgrade(): pass\n")
    assert compileall.compile_file(source, quiet=1, legacy=True)
    header = read_header(tmp_path / "a.pyc")
    assert header is not None
    assert (header.down_revisions, header.docstring) == (("b",), "doc")


def test_compiled_files_of_another_python_or_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.pyc"
    path.write_bytes(b"\x00\x00\r\n" + b"\x00" * 20)
    with pytest.raises(RevisionFileError, match="another version of Python"):
        read_header(path)
    helper = write(tmp_path, "x = 1\n", "helper.py")
    py_compile.compile(str(helper), cfile=str(path), doraise=True)
    assert read_header(path) is None
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(RevisionFileError, match="damaged"):
        read_header(path)
