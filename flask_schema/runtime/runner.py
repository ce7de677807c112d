"""Runs the steps of a route on one database, or writes them as SQL."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from flask_schema.dialects.dialect import TransactionRestart
from flask_schema.errors import MigrationFailed, SchemaError
from flask_schema.garbage import garbage_collected_rarely
from flask_schema.history.routes import Stamp, Step
from flask_schema.operations.listening import listening
from flask_schema.runtime.context import MigrationContext
from flask_schema.runtime.destinations import Live, SqlFile, failure
from flask_schema.runtime.information import MigrationInfo
from flask_schema.runtime.journal import entries_of
from flask_schema.runtime.lines import LINE
from flask_schema.runtime.progress import RunListener, Unwatched
from flask_schema.runtime.retrying import sqlstate
from flask_schema.runtime.script import Script, load_script
from flask_schema.runtime.transactions import Transactions
from flask_schema.scripts.load import alembic_names, line_in
from flask_schema.scripts.self_contained import is_self_contained
from flask_schema.scripts.unknown_directives import refuse_unknown
from flask_schema.values import dataclass

_RESTARTS = 3
_LOCK_PAUSE_SECONDS = 0.5
_LOCK_NOT_AVAILABLE = "55P03"


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs steps in one context.

    ``keywords`` are handed to ``upgrade()`` and ``downgrade()`` as far as they take them.
    ``on_version_apply`` are called after each step, as Alembic's option of that name.
    """

    context: MigrationContext
    database: str = ""
    keywords: Mapping[str, Any] = field(default_factory=dict)
    watcher: RunListener = field(default_factory=Unwatched)
    on_version_apply: Sequence[Callable[..., Any]] = ()
    transaction_per_migration: bool = True

    def run(self, steps: Sequence[Step | Stamp], heads: Sequence[str]) -> tuple[str, ...]:
        """Run them in order, each in a transaction of its own; the version rows afterwards are returned, sorted.

        Raises MigrationFailed, which says where and what state the database is in.
        """
        rows = set(heads)
        # Functions of the scripts import too; entered once, not for each of thousands.
        with alembic_names(), garbage_collected_rarely():
            if isinstance(self.context.destination, SqlFile):
                self._write(steps, self.context.destination, rows)
            else:
                self._execute(steps, self.context.destination, rows)
        return tuple(sorted(rows))

    # -- live ---------------------------------------------------------------------------------

    def _execute(self, steps: Sequence[Step | Stamp], live: Live, rows: set[str]) -> None:
        connection = live.connection
        external = connection.in_transaction() and bool(self.context.opts.get("transaction_is_external"))
        transactions = Transactions(self.context.native, connection, external=external)
        together = not self.transaction_per_migration and self.context.native.capabilities.transactional_ddl
        groups = [tuple(steps)] if together else [(step,) for step in steps]
        if steps and not external:
            self.context.native.before_run(connection)
        journal = self.context.journal
        if steps and journal is not None:
            transactions.run(lambda: journal.create(connection, rows))
        try:
            for group in groups:
                if group:
                    self._execute_group(group, transactions, live, rows)
            transactions.close()
        finally:
            self._lift_limits(connection)

    def _execute_group(
        self, group: Sequence[Step | Stamp], transactions: Transactions, live: Live, rows: set[str]
    ) -> None:
        """One transaction. It is run again when the dialect finds that it must be begun in another way, and, where it
        can be undone whole, when it waited for a lock in vain.
        """
        attempts = int(self.context.opts.get("lock_attempts", 1))
        for attempt in range(_RESTARTS + attempts):
            live.forget()
            began = time.perf_counter()
            done: list[Step | Stamp] = []
            after = set(rows)
            try:
                script = self._script(group[0])
                may_share = self._may_share(script)
                self._begin(transactions, live, rows, may_share=may_share)
                for step in group:
                    self.watcher.started(self.database, step)
                    self._run_script(script if step is group[0] else self._script(step))
                    after = (after - step.delete_heads) | step.insert_heads
                    write = partial(self._write_version, live.connection, step, rows, after, began)
                    if step is not group[-1]:
                        write()
                    done.append(step)
                transactions.finish(write, may_share=may_share)
            except TransactionRestart:
                transactions.restart()
                continue
            except Exception as error:
                self._abandon(transactions, live, rows)
                if waited_in_vain(error) and attempt + 1 < attempts and not live.sent:
                    time.sleep(_LOCK_PAUSE_SECONDS * 2**attempt)
                    continue
                culprit = group[min(len(done), len(group) - 1)]
                failed = self._failed(error, culprit, live, sorted(rows))
                if not transactions.external:
                    self._note_failure(live.connection, culprit, rows, began, failed)
                raise failed from error
            except BaseException as stop:
                self._abandon(transactions, live, rows)
                _tell(stop, group[min(len(done), len(group) - 1)], live, sorted(rows))
                raise
            for step in group:
                rows.difference_update(step.delete_heads)
                rows.update(step.insert_heads)
                self._applied(step, rows)
                finished = partial(self.watcher.finished, self.database, step, time.perf_counter() - began)
                transactions.when_committed(finished)
            return
        raise MigrationFailed("the transaction was begun again and again without getting anywhere")

    def _begin(self, transactions: Transactions, live: Live, rows: Collection[str], *, may_share: bool) -> None:
        transactions.begin(may_share=may_share)
        self._limit(live.connection)
        if not rows:
            self.context.versions.create(live.connection)  # scripts may look at it

    def _may_share(self, script: Script | None) -> bool:
        """Whether nobody can tell that the revision before this one is not committed yet."""
        return (
            self.context.native.capabilities.shares_transactions
            and self.transaction_per_migration
            and not self.on_version_apply
            and (script is None or is_self_contained(script.file))
        )

    def _abandon(self, transactions: Transactions, live: Live, rows: set[str]) -> None:
        if not transactions.abandon():
            rows.clear()
            rows.update(self.context.versions.rows(live.connection))

    def _limit(self, connection: sa.Connection) -> None:
        for statement in self.context.native.time_limits(*self._limits):
            connection.exec_driver_sql(statement)

    @property
    def _limits(self) -> tuple[float | None, float | None]:
        opts = self.context.opts
        return opts.get("lock_timeout_seconds"), opts.get("statement_timeout_seconds")

    def _lift_limits(self, connection: sa.Connection) -> None:
        """The connection may be one of a pool, and serve the application next."""
        if connection.invalidated:
            return
        with suppress(sa.exc.SQLAlchemyError):  # what failed first is what matters
            for statement in self.context.native.lifted_time_limits(*self._limits):
                connection.exec_driver_sql(statement)
                connection.commit()

    def _write_version(
        self, connection: sa.Connection, step: Step | Stamp, rows: Collection[str], after: Collection[str], began: float
    ) -> None:
        """Change the version table, which has ``rows`` before the transaction and ``after`` once the step is done."""
        if not rows:  # a table that holds committed rows is there, so the database is not asked for it again
            self.context.versions.create(connection)
        self.context.versions.change(connection, step.delete_heads, step.insert_heads)
        self._note(connection, step, after, began)

    def _note(
        self,
        connection: sa.Connection,
        step: Step | Stamp,
        rows: Collection[str],
        began: float,
        error: str | None = None,
    ) -> None:
        journal = self.context.journal
        if journal is not None:
            seconds = time.perf_counter() - began
            started = datetime.now(timezone.utc) - timedelta(seconds=seconds)
            for entry in entries_of(step, rows, started, seconds, error):
                journal.write(connection, entry)

    def _note_failure(
        self, connection: sa.Connection, step: Step | Stamp, rows: Collection[str], began: float, error: SchemaError
    ) -> None:
        """Note it where that is possible: what failed first is what matters."""
        try:
            self._note(connection, step, rows, began, str(error))
            connection.commit()
        except sa.exc.SQLAlchemyError:
            connection.rollback()

    def _failed(self, error: Exception, step: Step | Stamp, live: Live, rows: Sequence[str]) -> SchemaError:
        """The error with its place: the revision's file and line, and what state the database is in."""
        revision = step.revision if isinstance(step, Step) else step.target
        path = revision.path if revision is not None else None
        if isinstance(error, sa.exc.DBAPIError):
            inner: SchemaError = failure(self.context.native, error)
            inner.line = vars(error).get(LINE)
        elif isinstance(error, SchemaError):
            inner = error
        else:
            inner = MigrationFailed(f"{type(error).__name__}: {str(error).strip() or 'no message'}")
        hint = inner.hint or f"mend the file and run 'flask db {step.direction}' again"
        failed: SchemaError = type(inner)(
            inner.message,
            hint=f"{hint} ({_state(live, rows)})",
            file=inner.file or path,
            line=inner.line or (line_in(path, error) if path is not None else None),
            revision=inner.revision or (revision.revision if revision is not None else None),
            statement=inner.statement,
        )
        failed.details = inner.details
        return failed

    # -- as SQL -------------------------------------------------------------------------------

    def _write(self, steps: Sequence[Step | Stamp], file: SqlFile, rows: set[str]) -> None:
        dialect = self.context.native
        transactional = self.context.transactional_ddl
        together = transactional and not self.transaction_per_migration
        table_exists = bool(rows)
        if together and steps:
            file.begin()
        for step in steps:
            self.watcher.started(self.database, step)
            began = time.perf_counter()
            if transactional and not together:
                file.begin()
            if not table_exists:
                file.write(self.context.versions.create_sql(dialect.sqlalchemy))
                table_exists = True
            file.comment(title(step))
            self._run_script(self._script(step))
            for text in self.context.versions.changes_sql(dialect.sqlalchemy, step.delete_heads, step.insert_heads):
                file.write(text)
            if transactional and not together:
                file.commit()
            rows.difference_update(step.delete_heads)
            rows.update(step.insert_heads)
            self._applied(step, rows)
            self.watcher.finished(self.database, step, time.perf_counter() - began)
        if together and steps:
            file.commit()

    # -- scripts ------------------------------------------------------------------------------

    def _script(self, step: Step | Stamp) -> Script | None:
        """What a step runs, None for nothing."""
        if isinstance(step, Stamp) or step.revision.file is None:
            return None
        script = load_script(Path(step.revision.file), step.direction, self.database, self.keywords)
        if script is not None:
            refuse_unknown(script.file, script.function.function.__name__)
        return script

    def _run_script(self, script: Script | None) -> None:
        if script is None:
            return
        file, function = script
        self.context.start_script(file.module.__file__, waits=not file.handles_errors)
        failed = True
        try:
            with listening(self.context):
                function.function(**function.arguments(self.database, self.keywords))
                self.context.flush()
            failed = False
        finally:
            if isinstance(self.context.destination, Live):
                self.context.destination.turn_away(failed=failed)

    def _applied(self, step: Step | Stamp, rows: set[str]) -> None:
        if not self.on_version_apply:
            return
        environment = self.context.environment_context
        info = MigrationInfo(step, environment.revision_map if environment is not None else None)
        for callback in self.on_version_apply:
            callback(ctx=self.context, step=info, heads=frozenset(rows), run_args=dict(self.keywords))


def _tell(stop: BaseException, step: Step | Stamp, live: Live, rows: Sequence[str]) -> None:
    """Let Ctrl-C say what it leaves behind."""
    if isinstance(stop, KeyboardInterrupt):
        stop.args = (f"{title(step)} was interrupted; {_state(live, rows)}",)


def _state(live: Live, rows: Sequence[str]) -> str:
    """What a revision that did not come to its end leaves behind."""
    applied = f"; {len(live.sent)} statements had taken effect: {'; '.join(live.sent)}" if live.sent else ""
    left = f"; left behind may be {', '.join(live.left)}" if live.left else ""
    return f"the database is at {', '.join(rows) or 'the beginning'}" + (applied + left or " as before")


def waited_in_vain(error: BaseException) -> bool:
    """Whether a lock timeout (SQLSTATE 55P03) is what stopped a statement."""
    while not isinstance(error, sa.exc.DBAPIError):
        if error.__cause__ is None:
            return False
        error = error.__cause__
    return sqlstate(error) == _LOCK_NOT_AVAILABLE


def title(step: Step | Stamp) -> str:
    """A step in a line: ``Running upgrade a -> b, message``."""
    if isinstance(step, Stamp):
        return f"Stamping {', '.join(sorted(step.insert_heads)) or 'base'}"
    ends = (", ".join(step.revision.down_revisions), step.revision.revision)
    before, after = ends if step.direction == "upgrade" else ends[::-1]
    message = f", {step.revision.message}" if step.revision.message else ""
    return f"Running {step.direction} {before} -> {after}{message}"
