"""Laws over random histories: every answer of the graph and every route is held to a plain definition."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flask_schema.errors import HistoryError
from flask_schema.history import (
    Graph,
    Header,
    Step,
    downgrade_route,
    resolve,
    stamp_route,
    upgrade_route,
)
from tests.history.dags import applied_histories, below, edges, histories, rows_of


def after(rows: set[str], step: Step) -> set[str]:
    assert step.delete_heads <= rows
    assert not step.insert_heads & (rows - step.delete_heads)
    return (rows - step.delete_heads) | step.insert_heads


@given(histories())
def test_heads_bases_and_points_are_what_their_names_say(history: tuple[list[Header], Graph]) -> None:
    made, graph = history
    parents = {header.revision: header.down_revisions for header in made}
    children = {revision: {other for other in parents if revision in parents[other]} for revision in parents}
    assert graph.heads == tuple(revision for revision in parents if not children[revision])
    assert graph.bases == tuple(revision for revision in parents if not parents[revision])
    assert graph.branch_points == tuple(revision for revision in parents if len(children[revision]) > 1)
    assert graph.merge_points == tuple(revision for revision in parents if len(parents[revision]) > 1)
    assert set(graph.effective_heads) == rows_of(made, parents)
    assert all(set(graph.children(revision)) == children[revision] for revision in parents)


@given(histories())
def test_the_order_lists_every_revision_once_and_after_what_it_needs(history: tuple[list[Header], Graph]) -> None:
    made, graph = history
    order = graph.topological()
    assert sorted(order) == sorted(header.revision for header in made)
    place = {revision: number for number, revision in enumerate(order)}
    assert all(place[need] < place[revision] for revision, needs in edges(made).items() for need in needs)
    assert graph.ordered_history() == order[::-1]
    assert Graph(made).topological() == order


@given(histories(), st.data())
def test_ancestors_and_descendants(history: tuple[list[Header], Graph], data: st.DataObject) -> None:
    made, graph = history
    start = data.draw(st.sampled_from(list(graph)))
    assert graph.ancestors([start], dependencies=True) == below(made, [start])
    assert graph.descendants([start], dependencies=True) == {other for other in graph if start in below(made, [other])}
    plain = [header._replace(depends_on=()) for header in made]
    assert graph.ancestors([start], dependencies=False) == below(plain, [start])
    assert graph.descendants([start], dependencies=False) == {
        other for other in graph if start in below(plain, [other])
    }


@given(histories(), st.data())
def test_a_range_lists_what_lies_between(history: tuple[list[Header], Graph], data: st.DataObject) -> None:
    made, graph = history
    upper = data.draw(st.sampled_from(list(graph)))
    lower = data.draw(st.sampled_from(sorted(below(made, [upper]))))
    plain = [header._replace(depends_on=()) for header in made]
    between = {
        revision
        for revision in below(made, [upper])
        if lower in below(plain, [revision]) and revision not in below(made, [lower]) - {lower}
    }
    listed = graph.ordered_history([lower], [upper])
    assert sorted(listed) == sorted(between)
    place = {revision: number for number, revision in enumerate(listed)}
    needs = edges(made)
    assert all(place[revision] < place[need] for revision in listed for need in needs[revision] if need in place)


@given(applied_histories(), st.data())
def test_an_upgrade_runs_what_is_missing_in_order(
    history: tuple[list[Header], Graph, set[str]], data: st.DataObject
) -> None:
    made, graph, applied = history
    target = data.draw(st.sampled_from([*graph, "heads"]))
    tops = set(graph) if target == "heads" else {target}
    rows = rows_of(made, applied)
    route = upgrade_route(graph, rows, target)
    assert {step.revision.revision for step in route} == below(made, tops) - applied
    needs = edges(made)
    for step in route:
        assert step.direction == "upgrade"
        assert needs[step.revision.revision] <= applied
        applied = applied | {step.revision.revision}
        rows = after(rows, step)
        assert rows == rows_of(made, applied)
    assert upgrade_route(graph, rows, target) == ()


@given(applied_histories(), st.data())
def test_a_downgrade_takes_down_what_follows_the_target_and_nothing_else(
    history: tuple[list[Header], Graph, set[str]], data: st.DataObject
) -> None:
    made, graph, applied = history
    target = data.draw(st.sampled_from([*sorted(applied), "base"]))
    rows = rows_of(made, applied)
    first = set(graph.bases) if target == "base" else set(graph.children(target))
    doomed = {revision for revision in applied if below(made, [revision]) & first}
    try:
        route = downgrade_route(graph, rows, target)
    except HistoryError:
        assert not doomed
        assert target not in rows
        return
    assert {step.revision.revision for step in route} == doomed
    needs = edges(made)
    for step in route:
        assert step.direction == "downgrade"
        applied = applied - {step.revision.revision}
        assert not any(step.revision.revision in needs[other] for other in applied)
        rows = after(rows, step)
        assert rows == rows_of(made, applied)


@given(histories())
def test_up_to_the_heads_and_down_to_the_base_are_mirror_images(history: tuple[list[Header], Graph]) -> None:
    _, graph = history
    up = upgrade_route(graph, (), "heads")
    down = downgrade_route(graph, graph.effective_heads, "base")
    assert [step.revision for step in up] == [step.revision for step in reversed(down)]
    rows: set[str] = set()
    for step in (*up, *down):
        rows = after(rows, step)
    assert rows == set()


@given(applied_histories(), st.data())
def test_a_stamp_moves_its_own_branch_and_leaves_the_others(
    history: tuple[list[Header], Graph, set[str]], data: st.DataObject
) -> None:
    made, graph, applied = history
    target = data.draw(st.sampled_from(list(graph)))
    rows = rows_of(made, applied)
    others = {row for row in rows if row not in below(made, [target]) and target not in below(made, [row])}
    result = set(rows)
    for stamp in stamp_route(graph, rows, target):
        assert stamp.delete_heads <= result
        result = (result - stamp.delete_heads) | stamp.insert_heads
    assert result == others | {target}
    purged = stamp_route(graph, [*rows, "lost"], ["heads"], purge=True)
    forgotten = {*rows, "lost"}
    for stamp in purged:
        forgotten = (forgotten - stamp.delete_heads) | stamp.insert_heads
    assert forgotten == set(graph.effective_heads)


@given(histories(), st.data())
def test_every_id_is_found_by_itself_and_by_its_beginning(
    history: tuple[list[Header], Graph], data: st.DataObject
) -> None:
    _, graph = history
    revision = data.draw(st.sampled_from(list(graph)))
    assert resolve(graph, revision) == (revision,)
    assert resolve(graph, revision[:4]) == (revision,)
    assert resolve(graph, "heads") == graph.effective_heads
    assert resolve(graph, f"{revision}@heads") == tuple(
        head for head in graph.heads if head in graph.descendants([revision], dependencies=False)
    )


@given(histories())
def test_labels_reach_all_descendants(history: tuple[list[Header], Graph]) -> None:
    made, graph = history
    for header in made:
        for label in header.branch_labels:
            branch = graph.labels[label]
            assert graph.descendants([header.revision], dependencies=False) <= branch
            assert branch <= graph.lineage(header.revision)
            assert all(label in graph.labels_of(revision) for revision in branch)


@given(applied_histories())
def test_effective_heads_of_applied_revisions(history: tuple[list[Header], Graph, set[str]]) -> None:
    made, graph, applied = history
    assert set(graph.heads_of(applied)) == rows_of(made, applied)
    plain = [header._replace(depends_on=()) for header in made]
    assert set(graph.heads_of(applied, dependencies=False)) == rows_of(plain, applied)
