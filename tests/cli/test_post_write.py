"""What happens to a revision file once it is written."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Site

STAMP = "import sys, pathlib; p = pathlib.Path(sys.argv[-1]); p.write_text(p.read_text() + '# ' + sys.argv[1] + '\\n')"


def only_file(site: Site) -> Path:
    (path,) = site.versions.glob("*.py")
    return path


def test_hooks_run_on_each_new_file_without_a_shell(make_site: Callable[..., Site]) -> None:
    seen: list[str] = []
    hooks: dict[str, Any] = {
        "stamp": {"executable": sys.executable, "options": f'-c "{STAMP}" "$HOME; touch x" REVISION_SCRIPT_FILENAME'},
        "see": seen.append,
    }
    site = make_site(post_write_hooks=hooks)
    site.type("init")
    site.type("revision", "-m", "one")
    path = only_file(site)
    assert path.read_text().endswith("# $HOME; touch x\n")
    assert seen == [str(path)]
    site.type("revision", "-m", "two", "--head", "base")
    site.type("merge")
    assert len(seen) == 3


@pytest.mark.parametrize(
    ("hook", "message"),
    [
        ({"executable": "no-such-program"}, "the post-write hook 'tidy' cannot be started"),
        ({"type": "module", "module": "no_such_module"}, "the post-write hook 'tidy' ended with status 1: "),
        ({"type": "console_scripts", "entrypoint": "no-such"}, "no installed package has the console script 'no-such'"),
        ({"type": "shell"}, "has the type 'shell'"),
        ("black", "has to be a table or a function"),
    ],
)
def test_a_hook_that_fails_is_named_and_the_file_stays(
    make_site: Callable[..., Site], hook: object, message: str
) -> None:
    site = make_site(post_write_hooks={"tidy": hook})
    site.type("init")
    result = site.type("revision", "-m", "one", status=1)
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert only_file(site).exists()


def test_hooks_from_pyproject(site: Site) -> None:
    (site.folder / "pyproject.toml").write_text(
        '[tool.flask-schema.post_write_hooks.check]\ntype = "module"\nmodule = "py_compile"\n'
    )
    site.type("init")
    site.type("revision", "-m", "one")
    assert (site.versions / "__pycache__").is_dir()


def test_the_heads_file_follows_new_revisions(make_site: Callable[..., Site]) -> None:
    site = make_site(heads_file=True)
    site.type("init")
    site.type("revision", "-m", "one", "--rev-id", "aaaa1")
    assert (site.folder / "migrations" / "heads").read_text().endswith("\naaaa1 one\n")
    site.type("heads", "--check")
