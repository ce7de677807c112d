"""The order of a history: newest first, one line of descent after the other, the same in every run.

The order is the one that users of Alembic know. It can be told without Alembic's repeated walks over all ancestors: a
revision may be listed as soon as all its listed children are, so counting the children that wait is enough.
"""

from __future__ import annotations

import heapq
import sys
from collections.abc import Callable, Collection, Iterable, Sequence

Neighbours = Callable[[str], Sequence[str]]

_NO_SLOT = sys.maxsize


def order_newest_first(
    wanted: Collection[str], starts: Iterable[str], parents: Neighbours, children: Neighbours
) -> list[str]:
    """Return ``wanted`` with every revision after all of its wanted children.

    The walk begins at ``starts`` (those not wanted are passed over), follows one line down, and turns to another line
    when a revision has to wait for that line's revisions; merged lines queue in the order in which parents are written.
    """
    return _Walk(wanted, parents, children).run(starts)


class _Walk:
    """The open lines of descent, in a linked list of numbered slots; a line's revision changes as it goes down."""

    def __init__(self, wanted: Collection[str], parents: Neighbours, children: Neighbours) -> None:
        self.parents, self.children = parents, children
        self.waiting_children = dict.fromkeys(wanted, 0)  # loses each revision as it is listed
        for revision in wanted:
            for parent in parents(revision):
                if parent in self.waiting_children:
                    self.waiting_children[parent] += 1
        self.revision_at: dict[int, str] = {}
        self.slot_of: dict[str, int] = {}
        self.before: dict[int, int] = {}
        self.after: dict[int, int] = {-1: -1}
        self.last = -1
        self.next_slot = 0
        # For :meth:`first_line_above`: what was found, and when, and when it may have stopped to be true.
        self.above: dict[str, list[tuple[int, str]]] = {}
        self.known_slot: dict[str, tuple[int, int]] = {}
        self.turned_at: dict[int, int] = {}
        self.opened_at = self.clock = 0

    def run(self, starts: Iterable[str]) -> list[str]:
        for start in starts:
            if start in self.waiting_children and start not in self.slot_of:
                self.open_line(start)
        ordered = self.list_lines()
        while self.waiting_children:
            # Only a range across dependencies leaves revisions that no start leads to within the range.
            self.open_line(next(revision for revision, count in self.waiting_children.items() if count == 0))
            ordered += self.list_lines()
        return ordered

    def open_line(self, revision: str) -> None:
        slot = self.next_slot
        self.next_slot += 1
        self.clock += 1
        self.opened_at = self.clock
        self.revision_at[slot], self.slot_of[revision] = revision, slot
        self.before[slot], self.after[slot] = self.last, -1
        self.after[self.last] = slot
        self.last = slot

    def close_line(self, slot: int) -> None:
        before, after = self.before.pop(slot), self.after.pop(slot)
        self.after[before] = after
        if after == -1:
            self.last = before
        else:
            self.before[after] = before
        del self.revision_at[slot]

    def list_lines(self) -> list[str]:
        ordered: list[str] = []
        slot = self.after[-1]
        while slot != -1:
            revision = self.revision_at[slot]
            if self.waiting_children[revision]:
                slot = self.first_line_above(revision)
                continue
            ordered.append(revision)
            slot = self.step_down(slot, revision)
        return ordered

    def step_down(self, slot: int, revision: str) -> int:
        """List ``revision``, move its line to its first free parent, and return the slot to go on with."""
        waiting = self.waiting_children
        del waiting[revision]
        del self.slot_of[revision]
        parents = [parent for parent in self.parents(revision) if parent in waiting]
        free = [parent for parent in parents if parent not in self.slot_of]
        for parent in parents:
            waiting[parent] -= 1
        if len(parents) > 1:  # the line goes on with one parent, and no longer leads to what is below the others
            self.clock += 1
            self.turned_at[slot] = self.clock
        if not free:
            before = self.before[slot]
            self.close_line(slot)
            return before if before != -1 else self.after[-1]
        self.revision_at[slot], self.slot_of[free[0]] = free[0], slot
        for parent in free[1:]:
            self.open_line(parent)
        return slot

    def first_line_above(self, revision: str) -> int:
        """Return the first slot whose revision descends from ``revision``, which waits for a child."""
        self.settle_slots_above(revision)
        best = self.above[revision][0][0]
        if best < _NO_SLOT:
            return best
        # A range across dependencies: nothing that is open leads to the revision waited for, so open it.
        top = revision
        while self.waiting_children[top]:
            top = next(child for child in self.children(top) if child in self.waiting_children)
        self.open_line(top)
        return self.last

    def settle_slots_above(self, revision: str) -> None:
        """Bring the first slot above ``revision`` up to date.

        The first slot above a revision only ever gets later, so each revision keeps its children in a heap by the slot
        last known, and only the child on top is looked at again.
        """
        unsettled = [revision]
        while unsettled:
            place = unsettled[-1]
            heap = self.above.get(place)
            if heap is None:
                heap = [(-1, child) for child in self.children(place) if child in self.waiting_children]
                heapq.heapify(heap)
                self.above[place] = heap
            while True:
                known, child = heap[0]
                if child not in self.waiting_children:
                    heapq.heappop(heap)
                    continue
                slot = self.slot_at_or_above(child)
                if slot is None:
                    unsettled.append(child)
                elif slot != known:
                    heapq.heapreplace(heap, (slot, child))
                    continue
                else:
                    self.known_slot[place] = min(known, self.slot_of.get(place, _NO_SLOT)), self.clock
                    unsettled.pop()
                break

    def slot_at_or_above(self, revision: str) -> int | None:
        """Return the first slot whose revision is ``revision`` or descends from it; None when that is not settled."""
        if not self.waiting_children[revision]:
            return self.slot_of.get(revision, _NO_SLOT)
        slot, settled_at = self.known_slot.get(revision, (_NO_SLOT, -1))
        changed_at = self.opened_at if slot == _NO_SLOT else self.turned_at.get(slot, 0)
        return slot if changed_at <= settled_at and (slot in self.revision_at or slot == _NO_SLOT) else None
