"""The projects that are measured are whole: one head, and they run."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.engines import ours, run
from benchmarks.project import make_folder_without_app, make_project
from flask_schema.history.history import History


@pytest.mark.parametrize("has_branches", [False, True])
def test_a_history_runs(tmp_path: Path, has_branches: bool) -> None:
    folder = tmp_path / "project"
    make_project(folder, ours(), 14, has_branches=has_branches)
    graph = History.load([folder / "migrations" / "versions"]).graph
    assert (len(graph), len(graph.heads), bool(graph.merge_points)) == (14, 1, has_branches)
    cost = run(ours().command("upgrade"), folder, ours())
    assert cost.cpu_seconds > 0
    assert cost.peak_mib > 10
    with pytest.raises(RuntimeError, match="no-such-command"):
        run(ours().command("no-such-command"), folder, ours())


def test_a_folder_without_an_application(tmp_path: Path) -> None:
    make_project(tmp_path / "project", ours(), 1)
    make_folder_without_app(tmp_path / "bare", tmp_path / "project")
    run([ours().python, "-m", "flask", "db", "heads", "--check"], tmp_path / "bare", ours())
