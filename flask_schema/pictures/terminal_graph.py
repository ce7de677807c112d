"""The history as lines of text with its branches drawn at the left, as ``git log --graph`` draws them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import zip_longest


def draw_graph(
    order: Iterable[str], parents: Callable[[str], Sequence[str]], describe: Callable[[str], Sequence[str]]
) -> Iterator[str]:
    """Yield the lines of the picture, without trailing blanks.

    ``order`` are the revisions, newest first, each before its parents. ``parents`` gives those of a revision; a parent
    that is not in ``order`` lets its line run out at the bottom. ``describe`` gives the lines of text beside it.
    """
    lanes: list[str] = []
    for revision in order:
        if revision not in lanes:
            lanes.append(revision)
        place = lanes.index(revision)
        marks = " ".join("*" if lane == place else "|" for lane in range(len(lanes)))
        new = tuple(parents(revision))
        width = 2 * (len(lanes) + max(len(new) - 1, 0)) - 1
        rows, lanes = _pass_revision(lanes, place, new)
        text = list(describe(revision)) or [""]
        bars = " ".join("|" * len(lanes))
        lefts = [marks, *rows, *[bars] * (len(text) - 1 - len(rows))]
        for left, beside in zip_longest(lefts, text, fillvalue=""):
            yield f"{left:<{width}} {beside}".rstrip()


def _pass_revision(lanes: list[str], place: int, parents: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the rows between a revision and the next, and the lanes below; a lane is the revision it leads to."""
    rows: list[str] = []
    below = [*lanes[:place], *parents[:1], *lanes[place + 1 :]]
    for parent in reversed(parents[1:]):
        right = len(below) - place - 1
        rows.append(" ".join("|" * place + "|") + "\\" + " \\" * right)
        below.insert(place + 1, parent)
    # Where each lane stands now (in lanes from the left), and where it is to stand once lanes to one revision are one.
    at = list(range(len(below))) if parents else [lane + (lane >= place) for lane in range(len(below))]
    targets = {revision: number for number, revision in enumerate(dict.fromkeys(below))}
    moving = [(here, targets[revision]) for here, revision in zip(at, below, strict=True)]
    while any(here != target for here, target in moving):
        row, moving = _move_left(moving)
        rows.append(row)
    return rows, list(targets)


def _move_left(moving: list[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """Return one row in which every lane that has to goes one place to the left, and where the lanes stand then."""
    characters: dict[int, str] = {}
    moved: dict[tuple[int, int], None] = {}
    for here, target in moving:
        if here == target:
            characters[2 * here] = "|"
            moved[here, target] = None
        else:
            characters[2 * here - 1] = "/"
            moved[here - 1, target] = None
    row = "".join(characters.get(column, " ") for column in range(max(characters) + 1))
    return row, list(moved)
