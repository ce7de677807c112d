"""The interface that every database's folder implements."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field
from typing import Any, ClassVar, Protocol

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from flask_schema.dialects.statement import Statement
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import Constraint, DataType, QualifiedName, Table
from flask_schema.snapshot.from_metadata import snapshot_of
from flask_schema.snapshot.from_sqlalchemy import SqlalchemyTranslation, writing_dialect
from flask_schema.snapshot.snapshot import Snapshot
from flask_schema.values import dataclass


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a database can do, as far as anything outside its folder must know.

    ``transactional_ddl``: a failed revision leaves nothing behind.
    ``shares_transactions``: revisions may be parts of one transaction.
    ``shows_autoincrement``: the catalog tells which column fills itself with numbers.
    ``ddl_in_autocommit``: no transaction may be open around DDL; each statement commits by itself.
    ``partial_commits``: a transaction with DDL may be committed in part, so that one of env.py's own is refused.
    ``statement_separator`` ends a statement in SQL files.
    ``renames``: ``index``, ``constraint``, where a name can change and nothing else.
    ``table_options``: those options of a table that can change while it has rows.
    ``declares``: the kinds of declared objects that it has and that are compared: ``view``, ``materialized view``,
    ``function``, ``trigger``, ``extension``.
    ``holds``: what is refused while something else stands on it, as ``diff.programs`` and ``diff.retyped`` read it.
    Under a view: ``drops`` (of a column or table), ``types`` (another type of a column), ``readers`` (a view or
    function under another one goes); ``stars``: ``SELECT *`` means the columns of the day on which it was created.
    ``computed``: another type of a column that a computed one uses. ``checks``: another length of a column in a check
    changes the check's text.
    """

    transactional_ddl: bool = True
    shares_transactions: bool = False
    statement_separator: str = ";"
    ddl_in_autocommit: bool = False
    partial_commits: bool = False
    shows_autoincrement: bool = True
    renames: frozenset[str] = frozenset()
    table_options: frozenset[str] = frozenset()
    declares: frozenset[str] = frozenset()
    holds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Scope:
    """What part of a database to read.

    ``schemas`` are the schemas by name, None standing for the default one.
    ``include_table`` is asked with schema (None for the default) and name before a table is read;
    None means all. ``views_and_routines``: views, functions and triggers too; they are needed only where the
    models declare some.
    """

    schemas: tuple[str | None, ...] = (None,)
    include_table: Callable[[str | None, str], bool] | None = None
    only_tables: frozenset[QualifiedName] | None = None
    views_and_routines: bool = False


class Surroundings(Protocol):
    """What a compiler may ask about the database it writes for."""

    @property
    def offline(self) -> bool:
        """True while SQL text is written without a database."""

    def table(self, name: QualifiedName) -> Table | None:
        """The table as it is at this point, or None when there is none.

        Raises OfflineRefused when that cannot be known without a database.
        """

    def tables(self) -> Iterable[Table]:
        """All tables as they are at this point; raises like ``table``."""

    def snapshot(self) -> Snapshot:
        """The whole default schema as it is at this point, views and triggers included; raises like ``table``."""

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query on the live database. Raises OfflineRefused."""


class TransactionRestart(Exception):
    """The transaction must be rolled back and the revision run again.

    Raised by ``Dialect.statements`` when something has to be set outside the transaction first, and
    by ``Dialect.before_commit`` when something has to be looked at before the first statement; the
    dialect has noted what, and does it in the next ``begin``. It may happen twice for one revision.
    """


@dataclass(frozen=True, slots=True)
class Settled:
    """Two snapshots made comparable: what means the same reads the same.

    ``notes`` are sentences for the user about what could not be decided or was left alone. ``alike`` are tables of
    both sides that nobody needs to look at again, as ``snapshot.alike`` has it; there may be more.
    """

    before: Snapshot
    after: Snapshot
    notes: tuple[str, ...] = field(default=())
    alike: frozenset[QualifiedName] = frozenset()


class Dialect(ABC):
    """One database's way. An instance belongs to one engine (or to none, offline).

    ``sqlalchemy`` is a private copy of SQLAlchemy's dialect that writes plain SQL.
    """

    name: ClassVar[str]
    option_dialects: ClassVar[tuple[str, ...]]
    capabilities: Capabilities = Capabilities()

    def __init__(self, sqlalchemy: sa.Dialect) -> None:
        self.sqlalchemy = writing_dialect(sqlalchemy)
        self.translation = SqlalchemyTranslation(self.sqlalchemy, self.option_dialects)

    # -- reading and comparing ----------------------------------------------------------------

    def snapshot_of_models(self, metadatas: Iterable[sa.MetaData]) -> Snapshot:
        """The models as this database would hold them, in canonical form."""
        return self.canonical(snapshot_of(metadatas, self.translation))

    @abstractmethod
    def read(self, connection: sa.Connection, scope: Scope) -> Snapshot:
        """Read the schema in a handful of bulk queries, in canonical form. Sends no DDL, starts no writing."""

    def canonical(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with texts and facets in the one form that this dialect compares."""
        return snapshot

    def settle(self, before: Snapshot, after: Snapshot, connection: sa.Connection | None) -> Settled:
        """Second step of the comparison: where texts differ, let the database judge.

        ``before`` was read from the database, ``after`` made from models; both are canonical.
        Elements that mean the same come back with the same text. Leaves nothing behind in the
        database, and never raises for an expression that cannot be judged: it is noted instead.
        """
        del connection
        return Settled(before, after)

    def scratch_engine(self) -> sa.Engine | None:
        """An empty database of this kind that costs nothing, the caller's to dispose of; None where there is none."""
        return None

    @abstractmethod
    def python_type(self, sql: str) -> TypeEngine[Any]:
        """The SQLAlchemy type for a type text of this database, for writing it as Python source."""

    def operation_of(self, construct: Any) -> Operation | None:
        """The operation that SQLAlchemy's DDL construct is, where what comes later has to know of it; else None."""
        del construct
        return None

    def default_name(self, table: Table, constraint: Constraint) -> str | None:
        """The name that the database makes up for a constraint of ``table`` that has none; None where it does not."""
        del table, constraint
        return None

    def default_sequence(self, table: str, column: str) -> str | None:
        """The name that the database makes up for the sequence of a column that numbers itself; None without one."""
        del table, column
        return None

    def empty_value(self, data_type: DataType) -> str | None:
        """The SQL of a value that says nothing, such as ``''`` or ``0``; None where the type has none.

        It is for rows that exist when a NOT NULL column comes back whose values are lost.
        """
        del data_type
        return None

    # -- writing ------------------------------------------------------------------------------

    @abstractmethod
    def statements(self, operations: Sequence[Operation], surroundings: Surroundings) -> Iterable[Statement]:
        """The statements that carry out ``operations``, which belong together (see ``joins``).

        Raises OperationRefused for what this database cannot do, with the reason.
        """

    def joins(self, waiting: Sequence[Operation], coming: Operation) -> bool:
        """Whether ``coming`` should be carried out together with the operations that wait.

        Called with an empty ``waiting`` too: True then means that ``coming`` may wait for company.
        """
        del waiting, coming
        return False

    def lacks_company(self, waiting: Sequence[Operation], surroundings: Surroundings) -> bool:
        """Whether operations that wait cannot be carried out by themselves, but may be with the next one.

        Asked where operations would not wait: in a script that has got hold of the connection.
        """
        del waiting, surroundings
        return False

    def explain(self, error: BaseException) -> tuple[str, str | None] | None:
        """What is known about an error of this database: an explanation and a hint (or None); None for nothing."""
        del error
        return None

    # -- transactions -------------------------------------------------------------------------

    def before_run(self, connection: sa.Connection) -> None:
        """Called once before revisions run; no transaction is open afterwards."""
        del connection

    def begin(self, connection: sa.Connection) -> None:
        """Begin one real transaction, DDL included where the database can."""
        if not connection.in_transaction():
            connection.begin()

    def time_limits(self, lock_timeout_seconds: float | None, statement_timeout_seconds: float | None) -> Iterable[str]:
        """The statements that limit, for the transaction just begun, the wait for locks and the run of a statement."""
        del lock_timeout_seconds, statement_timeout_seconds
        return ()

    def lifted_time_limits(
        self, lock_timeout_seconds: float | None, statement_timeout_seconds: float | None
    ) -> Iterable[str]:
        """The statements that take back, after a run, those of ``time_limits`` that outlast a transaction."""
        del lock_timeout_seconds, statement_timeout_seconds
        return ()

    def before_commit(self, connection: sa.Connection) -> None:
        """Last checks inside the transaction; raising rolls everything back."""
        del connection

    def after_transaction(self, connection: sa.Connection) -> None:
        """Called after commit or rollback: give back to the driver what ``begin`` took from it."""
        del connection

    def may_stay_open(self, connection: sa.Connection) -> bool:
        """Whether a revision's transaction may be that of the next one too, a commit being what costs most."""
        del connection
        return False

    def begin_part(self, connection: sa.Connection) -> None:
        """Begin a part of the open transaction, which can be undone alone."""
        raise NotImplementedError

    def end_part(self, connection: sa.Connection) -> bool:
        """End the part; False when there is none any more, because a script ended the transaction."""
        raise NotImplementedError

    def undo_part(self, connection: sa.Connection) -> bool:
        """Undo what was done in the part, and end it; False when there is none any more."""
        raise NotImplementedError

    def terminated(self, sql: str) -> str:
        """A statement with what ends it in a SQL file, for the database's own client."""
        text = sql.strip()
        separator = self.capabilities.statement_separator
        return text if text.endswith(separator) else f"{text}{separator}"

    def write_begin(self) -> Iterable[str]:
        """The lines that begin a transaction in a SQL file."""
        return ("BEGIN",)

    def write_commit(self) -> Iterable[str]:
        """The lines that end a transaction in a SQL file."""
        return ("COMMIT",)
