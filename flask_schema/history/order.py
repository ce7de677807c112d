"""The order of a history: newest first, one line of descent after the other, the same in every run.

The order is the one that users of Alembic know. It can be told without Alembic's repeated walks over all ancestors: a
revision may be listed as soon as all its listed children are, so counting the children that wait is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

Neighbours = Callable[[str], Sequence[str]]


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
        free = []
        for parent in self.parents(revision):
            if parent in waiting:
                waiting[parent] -= 1
                if parent not in self.slot_of:
                    free.append(parent)
        if not free:
            before = self.before[slot]
            self.close_line(slot)
            return before if before != -1 else self.after[-1]
        self.revision_at[slot], self.slot_of[free[0]] = free[0], slot
        for parent in free[1:]:
            self.open_line(parent)
        return slot

    def first_line_above(self, revision: str) -> int:
        """Return the first slot whose revision descends from ``revision``."""
        best: int | None = None
        above = [revision]
        seen = {revision}
        for waiting in above:
            for child in self.children(waiting):
                if child in seen or child not in self.waiting_children:
                    continue
                seen.add(child)
                above.append(child)
                slot = self.slot_of.get(child)
                if slot is not None and (best is None or slot < best):
                    best = slot
        if best is not None:
            return best
        # A range across dependencies: nothing that is open leads to the revision waited for, so open it.
        self.open_line(next(top for top in above if not self.waiting_children[top]))
        return self.last
