"""Options of a table: which of them differ, and whether they can change.

An engine, a row format and a block size can. A character set is changed by CONVERT TO, which takes the columns along:
that is safe where all of them have the table's own. https://dev.mysql.com/doc/refman/8.4/en/alter-table.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask_schema.snapshot.elements import Options, QualifiedName, Table
from flask_schema.snapshot.snapshot import Snapshot

CHARACTERS = ("charset", "collate")
_CLAUSES = {"engine": "ENGINE", "row_format": "ROW_FORMAT", "key_block_size": "KEY_BLOCK_SIZE"}
_UNSET = {"row_format": "DEFAULT", "key_block_size": "0"}
_TEXTS = ("CHAR", "VARCHAR", "ENUM", "SET", "TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT")


def foreign_by_text(snapshot: Snapshot) -> set[QualifiedName]:
    """The tables on either side of a foreign key over a text: its columns cannot be converted."""
    found: set[QualifiedName] = set()
    for name, table in snapshot.tables.items():
        texts = {column.name for column in table.columns if _is_text(column.type.sql)}
        for key in table.foreign_keys:
            if not texts.isdisjoint(key.columns):
                found |= {name, key.referred_table}
    return found


def with_options(before: Table, after: Table, foreign: set[QualifiedName], notes: list[str]) -> Table:
    """``after`` with all options of ``before``, but for those that it asks for otherwise and that can change.

    One that cannot is noted.
    """
    held, asked = dict(before.options), dict(after.options)
    options = dict(held)
    for option in _CLAUSES:
        if option in asked and not is_same(asked[option], held.get(option)):
            options[option] = asked[option]
    differing = [one for one in CHARACTERS if one in asked and not is_same(asked[one], held.get(one))]
    reason = _obstacle(before, after, foreign) if differing else None
    if differing and reason is None:
        options["charset"] = asked.get("charset") or str(asked["collate"]).partition("_")[0]
        options["collate"] = asked.get("collate")
    elif differing:
        notes.append(
            f"table {after.name}: {differing[0]} is {held.get(differing[0]) or 'not set'} in the database and "
            f"{asked[differing[0]]} in the models; it is left alone, since {reason}"
        )
    kept = tuple(sorted((key, value) for key, value in options.items() if value is not None))
    return replace(after, options=kept)


def _obstacle(before: Table, after: Table, foreign: set[QualifiedName]) -> str | None:
    """Why the texts of a table cannot be converted all together; None where they can."""
    for column in (*before.columns, *after.columns):
        sql = column.type.sql.upper()
        if "CHARACTER SET" in sql or "COLLATE" in sql or sql == "JSON":
            return f"column {column.name} has a character set of its own"
        if sql.endswith("TEXT"):
            return f"column {column.name} would become a longer TEXT"
    return "foreign keys stand on its texts" if before.name in foreign else None


def _is_text(sql: str) -> bool:
    return sql.upper().partition("(")[0].split(" ")[0] in _TEXTS


def is_same(asked: object, held: object) -> bool:
    """Whether two values of an option mean the same; utf8 is another name of utf8mb3."""
    one, other = str(asked).lower(), str(held).lower()
    return one == other or (one == "utf8" and other == "utf8mb3") or one.replace("utf8_", "utf8mb3_") == other


def clauses(options: Options) -> Iterator[str]:
    """What stands behind ALTER TABLE for changed options; None for the database's own."""
    wanted: dict[str, Any] = dict(options)
    for option, word in _CLAUSES.items():
        if option in wanted:
            value = wanted[option] if wanted[option] is not None else _UNSET.get(option)
            if value is not None:
                yield f"{word}={value}"
    charset, collate = wanted.get("charset"), wanted.get("collate")
    if charset or collate:
        collation = f" COLLATE {collate}" if collate else ""
        yield f"CONVERT TO CHARACTER SET {charset or str(collate).partition('_')[0]}{collation}"
