"""One operation of each kind on what stands beside tables, with the schema in which it is at home."""

from __future__ import annotations

from flask_schema.operations import programs, schemas, views
from flask_schema.operations.operation import Operation
from flask_schema.snapshot.elements import Function, Index, IndexElement, QualifiedName, Table, Trigger, View
from flask_schema.snapshot.snapshot import Snapshot

ACCOUNTS = QualifiedName("accounts")
RICH = QualifiedName("rich", "bank")
SUMS = QualifiedName("sums")
TWICE = QualifiedName("twice")

VIEW = View(RICH, "SELECT id\nFROM accounts", options=(("columns", ("key",)), ("with", (("security_barrier", True),))))
OTHER_VIEW = View(RICH, "SELECT id, 1 AS one FROM accounts")
MATERIALIZED = View(SUMS, "SELECT id FROM accounts", True, (Index("ix_sums", (IndexElement("id"),), unique=True),))
FUNCTION = Function(TWICE, "CREATE FUNCTION twice(integer) RETURNS integer\nLANGUAGE sql AS 'SELECT $1 * 2'", "integer")
OTHER_FUNCTION = Function(TWICE, "CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql AS 'SELECT 4'", "integer")
PROCEDURE = Function(QualifiedName("p", "bank"), "CREATE PROCEDURE bank.p() LANGUAGE sql AS 'SELECT 1'", procedure=True)
TRIGGER = Trigger("tr", ACCOUNTS, "CREATE TRIGGER tr AFTER INSERT ON accounts BEGIN SELECT 1; END")
OTHER_TRIGGER = Trigger("tr", ACCOUNTS, "CREATE TRIGGER tr AFTER DELETE ON accounts BEGIN SELECT 'it''s'; END")

EMPTY = Snapshot.of("postgresql", [Table(ACCOUNTS, ())])
FULL = Snapshot(
    "postgresql",
    tables=EMPTY.tables,
    views={RICH: VIEW, SUMS: MATERIALIZED},
    functions={(TWICE, "integer"): FUNCTION, (PROCEDURE.name, ""): PROCEDURE},
    triggers={(ACCOUNTS, "tr"): TRIGGER},
    schemas=frozenset({"bank"}),
    extensions=frozenset({"citext"}),
)

CREATIONS: list[Operation] = [
    views.CreateView(VIEW),
    views.CreateView(MATERIALIZED),
    programs.CreateFunction(FUNCTION),
    programs.CreateFunction(PROCEDURE),
    programs.CreateTrigger(TRIGGER),
    schemas.CreateSchema("bank"),
    schemas.CreateExtension("citext", "public", "1.6"),
]
CHANGES: list[Operation] = [
    views.ReplaceView(OTHER_VIEW, VIEW),
    programs.ReplaceFunction(OTHER_FUNCTION, FUNCTION),
    programs.ReplaceTrigger(OTHER_TRIGGER, TRIGGER),
]
WITHOUT_WAY_BACK: list[Operation] = [
    views.DropView(RICH),
    views.DropView(RICH, cascade=True, before=VIEW),
    views.ReplaceView(VIEW),
    programs.DropFunction(TWICE),
    programs.ReplaceFunction(FUNCTION),
    programs.DropTrigger("tr", ACCOUNTS),
    programs.ReplaceTrigger(TRIGGER),
    schemas.CreateSchema("bank", if_not_exists=True),
    schemas.DropSchema("bank", cascade=True),
    schemas.CreateExtension("citext", if_not_exists=True),
    schemas.CreateExtension("citext", cascade=True),
    schemas.DropExtension("citext", cascade=True),
]
