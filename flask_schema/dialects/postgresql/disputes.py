"""What of a table is said in two ways: the texts to ask the server about, and what follows from its answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from flask_schema.dialects.postgresql.canonical import enum_sql
from flask_schema.dialects.postgresql.data_types import canonical_collation, canonical_type, quoted, type_name
from flask_schema.dialects.postgresql.defaults import canonical_default
from flask_schema.dialects.postgresql.expressions import literal, read_expression, tokens, unquoted
from flask_schema.dialects.postgresql.index_rows import index_of
from flask_schema.dialects.postgresql.scratch import SCRATCH_SCHEMA, SCRATCH_TABLE, Answer, Job
from flask_schema.dialects.postgresql.specification import Specifications
from flask_schema.snapshot.elements import (
    CheckConstraint,
    Column,
    Computed,
    DataType,
    Enum,
    ExcludeConstraint,
    Index,
    Table,
)
from flask_schema.snapshot.snapshot import Snapshot

_Element = TypeVar("_Element", CheckConstraint, ExcludeConstraint, Index)
_ENUM_ALIAS = "flask_schema_enum_"


class _Quoting:
    """Names for text that is sent only to be read back."""

    def quote(self, name: str) -> str:
        """A name in quotes."""
        return '"' + name.replace('"', '""') + '"'

    quote_schema = quote


_WRITTEN = Specifications(_Quoting())


class Dispute:
    """A table as it is and as it should be, with everything that only the server can compare."""

    def __init__(self, before: Table, after: Table, old: Snapshot, new: Snapshot) -> None:
        self.before = before
        self.after = after
        self._old = old
        self._new = new
        self._shared = [] if before.columns == after.columns else _shared_columns(before, after)
        """The columns that both sides have and that differ in anything, before and after."""
        self.types = [one for was, one in self._shared if _types_differ(was.type, one.type)]
        self.defaults = [one for was, one in self._shared if _both_differ(was.default, one.default)]
        self.computed = [one for was, one in self._shared if _both_differ(was.computed, one.computed)]
        self.checks = _unmatched(before.checks, after.checks, lambda one: one.expression)
        self.excludes = _unmatched(before.excludes, after.excludes, lambda one: replace(one, name=None))
        self.indexes = [one for one in _unmatched(before.indexes, after.indexes, lambda one: one) if _has_text(one)]
        self._aliases: dict[str, str] = {}

    @property
    def found(self) -> bool:
        """Whether there is anything to ask."""
        return any((self.types, self.defaults, self.computed, self.checks, self.excludes, self.indexes))

    # -- asking -------------------------------------------------------------------------------

    def job(self, default_schema: str | None) -> Job:
        """The statements that build what is disputed; ``default_schema`` is what names are read against, None for
        the session's search path.
        """
        table = f"{SCRATCH_SCHEMA}.{_WRITTEN.name(self._scratch_name())}"
        job = Job(table, search_path=quoted(default_schema) if default_schema is not None else None)
        columns = list(self._needed())
        job.steps += self._types_of(columns)
        specified = [
            f"{_WRITTEN.name(one.name)} {self._text(one.type.sql)}" for one in columns if one not in self.computed
        ]
        job.steps.append(("table", f"CREATE TABLE {table} ({', '.join(specified)})"))
        for one in self.computed:
            if one.computed is not None:
                words = f"ADD COLUMN {_WRITTEN.name(one.name)} {one.type.sql} {_WRITTEN.computed(one.computed)}"
                job.steps.append((f"computed {one.name}", self._text(f"ALTER TABLE {table} {words}")))
        for one in self.defaults:
            words = f"ALTER COLUMN {_WRITTEN.name(one.name)} SET DEFAULT {self._text(one.default or '')}"
            job.steps.append((f"default {one.name}", f"ALTER TABLE {table} {words}"))
        for place, check in enumerate(self.checks):
            words = f"ADD CONSTRAINT {_key('check', place)} CHECK ({self._text(check.expression)})"
            job.steps.append((_key("check", place), f"ALTER TABLE {table} {words}"))
        for place, exclude in enumerate(self.excludes):
            words = f"ADD CONSTRAINT {_key('exclude', place)} {self._text(_WRITTEN.exclude(exclude))}"
            job.steps.append((_key("exclude", place), f"ALTER TABLE {table} {words}"))
        for place, index in enumerate(self.indexes):
            body = self._text(_WRITTEN.index_body(replace(index, options=())))
            unique = "UNIQUE " if index.unique else ""
            job.steps.append((_key("index", place), f"CREATE {unique}INDEX {_key('index', place)} ON {table} {body}"))
        return job

    def _scratch_name(self) -> str:
        """The table's own name where a text may mention it; else one for all, so that equal questions are one."""
        own = self.after.name.name
        said = " ".join((*self._texts(), *(one.type.sql for one in self.after.columns))).lower()
        mentioned = own.lower() in said or '"' in own or "u&" in said  # the last two are ways to write it otherwise
        return own if mentioned or SCRATCH_TABLE in said else SCRATCH_TABLE

    def _needed(self) -> Iterator[Column]:
        """The columns that the disputed texts may mention."""
        named = {one.name for one in (*self.types, *self.defaults)}
        words: set[str] = set()
        for text in self._texts():
            words.update(part.strip('"').replace('""', '"') for kind, part in tokens(text) if kind != "space")
        lowered = {one.lower() for one in words}
        for index in self.indexes:
            named.update((*index.columns, *index.include))
        for column in self.after.columns:
            if column.name in named or column.name in words or column.name.lower() in lowered:
                yield column

    def _texts(self) -> Iterator[str]:
        yield from (one.computed.expression for one in self.computed if one.computed is not None)
        yield from (one.expression for one in self.checks)
        yield from (one.default for one in self.defaults if one.default is not None)
        for exclude in self.excludes:
            yield from (expression for expression, _ in exclude.elements)
            yield exclude.where or ""
        for index in self.indexes:
            yield from (one.expression for one in index.elements if not one.is_column)
            yield index.where or ""

    def _types_of(self, columns: Iterable[Column]) -> Iterator[tuple[str, str]]:
        """Enums and sequences that the database does not have, or not with these values."""
        computed = [one for one in self.computed if one not in columns]
        for name in dict.fromkeys(one.type.enum for one in (*columns, *computed)):
            wanted = self._new.enums.get(name) if name is not None else None
            there = self._old.enums.get(name) if name is not None else None
            if wanted is not None and (there is None or there.values != wanted.values):
                yield f"enum {wanted.name}", self._create_enum(wanted)
        texts = " ".join(self._texts())
        for sequence in self._new.sequences:
            if sequence not in self._old.sequences and sequence.schema is None and sequence.name in texts:
                yield f"sequence {sequence}", f"CREATE TEMPORARY SEQUENCE {_WRITTEN.name(sequence.name)}"

    def _create_enum(self, enum: Enum) -> str:
        name = quoted(enum.name.name)
        if enum.name.schema is not None:
            name = self._aliases[enum_sql(enum.name)] = f"{_ENUM_ALIAS}{len(self._aliases)}"
        values = ", ".join(literal(one) for one in enum.values)
        return f"CREATE TYPE {SCRATCH_SCHEMA}.{name} AS ENUM ({values})"

    def _text(self, sql: str) -> str:
        for name, alias in self._aliases.items():
            sql = sql.replace(name, alias)
        return sql

    def _back(self, sql: str) -> str:
        for name, alias in self._aliases.items():
            sql = sql.replace(alias, name)
        return sql

    # -- answers ------------------------------------------------------------------------------

    def settled(self, answer: Answer) -> Table:
        """The table as it is, with the text of the models for all that the server takes for the same."""
        wanted = {was.name: one for was, one in self._shared}
        columns = tuple(
            self._settled_column(one, wanted[one.name], answer) if one.name in wanted else one
            for one in self.before.columns
        )
        numbers = {facts[2]: name for name, facts in answer.columns.items()}
        checks = [
            replace(one, expression=read_expression(self._back(answer.checks[_key("check", place)])))
            if _key("check", place) in answer.checks
            else None
            for place, one in enumerate(self.checks)
        ]
        excludes, indexes = (
            [
                self._read_index(numbers, answer.indexes[_key(kind, place)])
                if _key(kind, place) in answer.indexes
                else None
                for place in range(count)
            ]
            for kind, count in (("exclude", len(self.excludes)), ("index", len(self.indexes)))
        )
        return replace(
            self.before,
            columns=columns,
            checks=_put(self.before.checks, self.checks, checks, self.after.checks, _check_content),
            excludes=_put(self.before.excludes, self.excludes, excludes, self.after.excludes, _exclude_content),
            indexes=_put(self.before.indexes, self.indexes, indexes, self.after.indexes, _index_content),
        )

    def _settled_column(self, old: Column, new: Column, answer: Answer) -> Column:
        facts = answer.columns.get(new.name)
        if facts is None:
            return old
        type_sql, expression, _, collation, generated = facts
        found = canonical_type(self._back(type_sql))
        if collation is not None:
            found = f"{found} COLLATE {canonical_collation(quoted(collation))}"
        data_type, default, computed = old.type, old.default, old.computed
        if new in self.types and found == old.type.sql and old.type.enum == new.type.enum:
            data_type = new.type
        said = self._back(expression) if expression is not None else None
        if new in self.defaults and said is not None and not generated:
            default = new.default if canonical_default(said, new.type.sql) == old.default else old.default
        if new in self.computed and said is not None and computed is not None and new.computed is not None:
            same = unquoted(read_expression(said)) == unquoted(computed.expression)
            computed = replace(computed, expression=new.computed.expression) if same else computed
        return replace(old, type=data_type, default=default, computed=computed)

    def _read_index(self, numbers: dict[int, str], row: Sequence[object]) -> Index | ExcludeConstraint:
        read = index_of(numbers, row)
        where = read_expression(self._back(read.where)) if read.where is not None else None
        if isinstance(read, Index):
            elements = tuple(
                one if one.is_column else replace(one, expression=self._back(one.expression)) for one in read.elements
            )
            return replace(read, elements=elements, where=where)
        pairs = tuple((self._back(expression), operator) for expression, operator in read.elements)
        return replace(read, elements=pairs, where=where)

    def failures(self, answer: Answer) -> Iterator[tuple[str, str]]:
        """What the server could not judge, as pairs of what it is and why."""
        failed = answer.failed
        if "table" in failed:  # nothing else could be built then; what stood before it may be the reason
            failed = {key: failed[key] for key in failed if key == "table" or key.startswith(("enum ", "sequence "))}
        for key, said in failed.items():
            reason = said.replace(SCRATCH_TABLE, self.after.name.name)
            kind, _, rest = key.partition(" ") if " " in key else key.rpartition("_")
            table = self.after.name
            if key == "table":
                yield f"table {table}", reason
            elif " " in key:
                yield f"the {kind} of {table}.{rest}" if kind != "enum" else f"the enum {rest}", reason
            else:
                name = self._name(key)
                yield f"the {key.split('_')[2]} {name or '(unnamed)'} on {table}", reason

    def _name(self, key: str) -> str | None:
        lists: dict[str, Sequence[CheckConstraint | ExcludeConstraint | Index]] = {
            "check": self.checks,
            "exclude": self.excludes,
            "index": self.indexes,
        }
        named = {_key(kind, place): one.name for kind, ones in lists.items() for place, one in enumerate(ones)}
        return named.get(key)


def _key(kind: str, place: int) -> str:
    return f"flask_schema_{kind}_{place}"


def _shared_columns(before: Table, after: Table) -> list[tuple[Column, Column]]:
    """What each column was that differs now; a declared rename counts."""
    old = {column.name: column for column in before.columns}
    pairs = ((old.get(one.name) or old.get(one.renamed_from or ""), one) for one in after.columns)
    return [(was, one) for was, one in pairs if was is not None and was != one]


def _types_differ(before: DataType, after: DataType) -> bool:
    """Whether two types differ, and in a way that may be none: the names of PostgreSQL's own types say all."""
    if before.sql == after.sql:
        return False
    old, new = type_name(before.sql), type_name(after.sql)
    return not (old.name.isupper() and new.name.isupper()) or old.collation != new.collation


def _both_differ(before: str | Computed | None, after: str | Computed | None) -> bool:
    return before is not None and after is not None and before != after


def _unmatched(
    before: Sequence[_Element], after: Sequence[_Element], content: Callable[[_Element], object]
) -> list[_Element]:
    """The elements of ``after`` that no element of ``before`` is like, where ``before`` has some left over too."""
    left = [(one.name, content(one)) for one in before]
    waiting: Sequence[_Element] = after
    for with_name in (True, False):  # two may say the same under different names
        coming = []
        for one in waiting:
            key = (one.name, content(one))
            found = next((old for old in left if old == key or (not with_name and old[1] == key[1])), None)
            if found is None:
                coming.append(one)
            else:
                left.remove(found)
        waiting = coming
    return list(waiting) if left else []


def _has_text(index: Index) -> bool:
    return index.where is not None or any(
        not one.is_column or one.opclass is not None or one.collation is not None for one in index.elements
    )


def _put(
    before: Sequence[_Element],
    asked: Sequence[_Element],
    read: Sequence[object | None],
    after: Sequence[_Element],
    content: Callable[[_Element, _Element], _Element | None],
) -> tuple[_Element, ...]:
    """``before`` with each element that reads like one that was asked about in the words of that one."""
    free = list(zip(asked, read, strict=True))
    settled = []
    for element in before:
        made: _Element = element
        if element not in after:
            for pair in free:
                found = content(element, pair[1]) if pair[1] is not None else None  # type: ignore[arg-type]
                if found is not None:
                    made = _in_words_of(element, pair[0])
                    free.remove(pair)
                    break
        settled.append(made)
    return tuple(settled)


def _in_words_of(element: _Element, asked: _Element) -> _Element:
    """What was asked about, with the name and options of what is there, which were not asked about."""
    return replace(asked, name=element.name, options=element.options)


def _check_content(element: CheckConstraint, read: CheckConstraint) -> CheckConstraint | None:
    return element if unquoted(element.expression) == unquoted(read.expression) else None


def _exclude_content(element: ExcludeConstraint, read: ExcludeConstraint) -> ExcludeConstraint | None:
    return element if _plain_exclude(replace(read, name=element.name)) == _plain_exclude(element) else None


def _index_content(element: Index, read: Index) -> Index | None:
    plain = _plain_index(replace(read, name=element.name, options=element.options))
    return element if plain == _plain_index(element) else None


def _plain_exclude(exclude: ExcludeConstraint) -> ExcludeConstraint:
    elements = tuple((unquoted(expression), operator) for expression, operator in exclude.elements)
    return replace(exclude, elements=elements, where=unquoted(exclude.where) if exclude.where else exclude.where)


def _plain_index(index: Index) -> Index:
    elements = tuple(
        one if one.is_column else replace(one, expression=unquoted(one.expression)) for one in index.elements
    )
    return replace(index, elements=elements, where=unquoted(index.where) if index.where else index.where)
