"""Tables in the order of their foreign keys, and the keys to cut where they form a cycle."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import replace

from flask_schema.snapshot.elements import ForeignKey, QualifiedName, Table
from flask_schema.snapshot.normal import name_order


def creation_order(tables: Iterable[Table]) -> tuple[list[Table], list[tuple[QualifiedName, ForeignKey]]]:
    """Tables so that each stands after those that its foreign keys name, ties broken by name.

    Second: the foreign keys that were cut out of their tables because of a cycle, to be created
    when all tables exist. Keys to the table itself or to tables outside ``tables`` do not matter.
    """
    by_name = {table.name: table for table in tables}
    targets = {
        name: {key.referred_table for key in table.foreign_keys} & by_name.keys() - {name}
        for name, table in by_name.items()
    }
    sources: dict[QualifiedName, list[QualifiedName]] = {name: [] for name in by_name}
    for name, needed in targets.items():
        for target in needed:
            sources[target].append(name)
    ready = [(name_order(name), name) for name, needed in targets.items() if not needed]
    heapq.heapify(ready)
    order: list[Table] = []
    cut: list[tuple[QualifiedName, ForeignKey]] = []
    waiting = set(by_name)
    while waiting:
        if not ready:
            name = _first_of_a_cycle(waiting, targets)
            cycle = {target for target in targets[name] if name in _reached(target, targets)}
            table = by_name[name]
            cut += [(name, key) for key in table.foreign_keys if key.referred_table in cycle]
            by_name[name] = replace(
                table, foreign_keys=tuple(key for key in table.foreign_keys if key.referred_table not in cycle)
            )
            targets[name] -= cycle
            if targets[name]:
                continue
            ready.append((name_order(name), name))
        _, name = heapq.heappop(ready)
        waiting.discard(name)
        order.append(by_name[name])
        for source in sources[name]:
            if name in targets[source]:
                targets[source].discard(name)
                if not targets[source]:
                    heapq.heappush(ready, (name_order(source), source))
    return order, cut


def _first_of_a_cycle(
    waiting: Iterable[QualifiedName], targets: Mapping[QualifiedName, set[QualifiedName]]
) -> QualifiedName:
    """The first table by name that its own foreign keys lead back to."""
    return next(
        name for name in sorted(waiting, key=name_order) if any(name in _reached(one, targets) for one in targets[name])
    )


def _reached(start: QualifiedName, targets: Mapping[QualifiedName, set[QualifiedName]]) -> set[QualifiedName]:
    """All tables that foreign keys lead to from ``start``, itself included."""
    reached, stack = {start}, [start]
    while stack:
        for target in targets[stack.pop()]:
            if target not in reached:
                reached.add(target)
                stack.append(target)
    return reached
