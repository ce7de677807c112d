"""What each directive of ``op`` does on each database, and what undoes it. Tests hold it to the code."""

from __future__ import annotations

from typing import NamedTuple

DATABASES = ("SQLite", "PostgreSQL", "CockroachDB", "MySQL, MariaDB")

ALTER = "`ALTER TABLE`"
REBUILT = "the table is rebuilt"


class Notes(NamedTuple):
    """One text for each database, and one for the way back. A text that begins with ``refused`` is an error there."""

    sqlite: str
    postgresql: str
    cockroachdb: str
    mysql: str
    back: str


_BATCHES = "`UPDATE` batch by batch, each committed by itself; not with `--sql`"
_NEEDS_DEFINITION = "; a drop without it has none"

DIRECTIVES: dict[str, Notes] = {
    # -- tables -------------------------------------------------------------------------------
    "create_table": Notes(
        "`CREATE TABLE`, then `CREATE INDEX`; comments are left out",
        "`CREATE TABLE`, indexes, comments; enum types and domains that are missing first",
        "as PostgreSQL",
        "`CREATE TABLE` with its comments",
        "`drop_table`",
    ),
    "drop_table": Notes(
        "`DROP TABLE`",
        "`DROP TABLE`; enum types stay, drop them by `drop_enum`",
        "as PostgreSQL",
        "`DROP TABLE`",
        "`create_table`, where the columns are known; a plain `drop_table` has none",
    ),
    "rename_table": Notes(
        f"{ALTER}; foreign keys, triggers and views of others follow",
        ALTER,
        ALTER,
        f"{ALTER}, within its schema",
        "`rename_table` the other way",
    ),
    "alter_table_options": Notes(
        "the table is rebuilt: `sqlite_autoincrement`, `sqlite_strict`, `sqlite_with_rowid`",
        "`SET (...)`, `RESET (...)`, `SET TABLESPACE`: `postgresql_with`, `postgresql_tablespace`",
        "refused",
        "`ENGINE=`, `ROW_FORMAT=`, `KEY_BLOCK_SIZE=`, `CONVERT TO CHARACTER SET`",
        "`alter_table_options`, with `existing`",
    ),
    "create_table_comment": Notes(
        "nothing: there are no comments",
        "`COMMENT ON TABLE`",
        "`COMMENT ON TABLE`",
        ALTER,
        "`create_table_comment` with the comment before (`existing_comment`), or `drop_table_comment`",
    ),
    "drop_table_comment": Notes(
        "nothing: there are no comments",
        "`COMMENT ON TABLE ... IS NULL`",
        "`COMMENT ON TABLE ... IS NULL`",
        ALTER,
        "`create_table_comment`, with `existing_comment`",
    ),
    "batch_alter_table": Notes(
        "its operations together, in one rebuild where one is needed; `recreate='never'` refuses a rebuild",
        "its operations one after the other",
        "its operations one after the other",
        "its operations one after the other",
        "the inverses of its operations, the last first",
    ),
    # -- columns ------------------------------------------------------------------------------
    "add_column": Notes(
        f"`ADD COLUMN`, or {REBUILT} where SQLite cannot add such a column",
        "`ADD COLUMN`, then its constraints, index and comment",
        "as PostgreSQL; neighbours on one table share a statement",
        "`ADD COLUMN`, with `AFTER` or `FIRST` where a place is given",
        "`drop_column`",
    ),
    "drop_column": Notes(
        f"`DROP COLUMN`, or {REBUILT} where a key, check or index uses it",
        "`DROP COLUMN`",
        "`DROP COLUMN`",
        "`DROP COLUMN`, with the foreign keys on it and the indexes that it shares with other columns",
        "`add_column`, where the column is known; a plain `drop_column` has none",
    ),
    "alter_column": Notes(
        f"`RENAME COLUMN` for a new name; for all else {REBUILT}",
        "one action a facet: type (with a cast where it takes one), default, nullability, comment, identity, name",
        "as PostgreSQL; neighbours on one table share a statement, except changes of type",
        "`SET DEFAULT`, `RENAME COLUMN`, or `MODIFY` and `CHANGE` with all that the column is to keep",
        "`alter_column` with the `existing_...` facets; one that was not given has no way back",
    ),
    # -- constraints --------------------------------------------------------------------------
    "create_primary_key": Notes(REBUILT, ALTER, ALTER, ALTER, "`drop_constraint`"),
    "create_unique_constraint": Notes(
        f"{REBUILT}; NULLS NOT DISTINCT is refused",
        ALTER,
        ALTER,
        f"{ALTER}; NULLS NOT DISTINCT is refused",
        "`drop_constraint`",
    ),
    "create_foreign_key": Notes(REBUILT, ALTER, ALTER, f"{ALTER}; `match` is refused", "`drop_constraint`"),
    "create_check_constraint": Notes(REBUILT, ALTER, ALTER, ALTER, "`drop_constraint`"),
    "create_exclude_constraint": Notes("refused", ALTER, "refused", "refused", "`drop_constraint`"),
    "drop_constraint": Notes(
        REBUILT,
        "`DROP CONSTRAINT`",
        "`DROP CONSTRAINT`; a unique one by `DROP INDEX ... CASCADE`",
        "`DROP CONSTRAINT`, `DROP PRIMARY KEY`, `DROP FOREIGN KEY` or `DROP INDEX`, by its kind",
        "the constraint, where it is known (`existing`); a plain `drop_constraint` has none",
    ),
    "alter_primary_key": Notes(
        REBUILT,
        "dropped and added in one statement",
        "`ALTER PRIMARY KEY`; the old key's unique index goes, unless a foreign key needs it",
        "dropped and added in one statement",
        "`alter_primary_key`, with `existing_columns`; without them none is known",
    ),
    "validate_constraint": Notes("refused", "`VALIDATE CONSTRAINT`", "`VALIDATE CONSTRAINT`", "refused", "none"),
    "rename_constraint": Notes(
        REBUILT,
        ALTER,
        ALTER,
        "dropped and added under the new name in one statement; a unique one by `RENAME INDEX`; a primary key is "
        "refused",
        "`rename_constraint` the other way",
    ),
    # -- indexes ------------------------------------------------------------------------------
    "create_index": Notes(
        "`CREATE INDEX`",
        "`CREATE INDEX`; `postgresql_concurrently` runs outside the transaction, and an invalid index that a failed "
        "attempt left is removed first",
        "`CREATE INDEX`; `postgresql_concurrently` is left out, every index is built that way",
        "`CREATE INDEX`; an index that only a foreign key had made is replaced",
        "`drop_index`",
    ),
    "drop_index": Notes(
        "`DROP INDEX`",
        "`DROP INDEX`, `CONCURRENTLY` where asked for",
        "`DROP INDEX table@index`",
        "`DROP INDEX`; refused where a foreign key needs it",
        "`create_index`, where its columns are known; a plain `drop_index` has none",
    ),
    "rename_index": Notes(
        "`DROP INDEX`, then `CREATE INDEX` with its own text",
        "`ALTER INDEX`",
        "`ALTER INDEX`",
        "`RENAME INDEX`; refused by servers that do not know it",
        "`rename_index` the other way",
    ),
    # -- rows and statements ------------------------------------------------------------------
    "execute": Notes("as it stands", "as it stands", "as it stands", "as it stands", "none"),
    "bulk_insert": Notes("`INSERT`", "`INSERT`", "`INSERT`", "`INSERT`", "none"),
    "backfill": Notes(
        *(_BATCHES, _BATCHES, _BATCHES, _BATCHES),
        "none: the values before are not kept",
    ),
    # -- enum types and sequences -------------------------------------------------------------
    "create_enum": Notes("refused", "`CREATE TYPE`", "`CREATE TYPE`", "refused", "`drop_enum`"),
    "drop_enum": Notes("refused", "`DROP TYPE`", "`DROP TYPE`", "refused", "`create_enum`, where its values are known"),
    "alter_enum": Notes(
        "refused",
        "`ADD VALUE`, `RENAME VALUE`; for a removed value or another order the type is made anew and columns follow",
        "as PostgreSQL",
        "refused",
        "`alter_enum` with the lists exchanged; none where two values became one",
    ),
    "rename_enum_value": Notes(
        "refused", "`ALTER TYPE`", "`ALTER TYPE`", "refused", "`rename_enum_value` the other way"
    ),
    "add_enum_value": Notes("refused", "`ADD VALUE`", "`ADD VALUE`", "refused", "`remove_enum_value`"),
    "remove_enum_value": Notes(
        "refused",
        "the type is made anew; columns, checks, indexes and views follow; refused for a default without `replacement`",
        "`DROP VALUE`, which no row may hold; `replacement` is refused",
        "refused",
        "`add_enum_value`; none with `replacement`",
    ),
    "create_sequence": Notes(
        "refused", "`CREATE SEQUENCE`", "`CREATE SEQUENCE`", "refused by MySQL; MariaDB has them", "`drop_sequence`"
    ),
    "drop_sequence": Notes(
        "refused",
        "`DROP SEQUENCE`",
        "`DROP SEQUENCE`",
        "refused by MySQL; MariaDB has them",
        "`create_sequence`, where its facets are known",
    ),
    "rename_sequence": Notes(
        "refused", "`ALTER SEQUENCE ... RENAME TO`", "as PostgreSQL", "MariaDB: `RENAME TABLE`", "`rename_sequence`"
    ),
    "alter_sequence": Notes(
        "refused",
        "`ALTER SEQUENCE`",
        "`ALTER SEQUENCE`",
        "refused by MySQL; MariaDB has them",
        "`alter_sequence` with the facets exchanged",
    ),
    # -- how long rows live, and where ---------------------------------------------------------
    "set_row_ttl": Notes(
        "refused",
        "refused",
        "`SET (ttl_expire_after = ...)`, `RESET` for what is not said any more",
        "refused",
        "`set_row_ttl` or `remove_row_ttl`, where what was is known (`existing`)",
    ),
    "remove_row_ttl": Notes(
        "refused", "refused", "`RESET (ttl)`", "refused", "`set_row_ttl`, where what was is known (`existing`)"
    ),
    "set_locality": Notes(
        "refused",
        "refused",
        "`SET LOCALITY`",
        "refused",
        "`set_locality`, where what was is known (`existing_locality`)",
    ),
    # -- views, functions, triggers -----------------------------------------------------------
    "create_view": Notes(
        "`CREATE VIEW`; a materialized one is refused",
        "`CREATE VIEW`, `CREATE MATERIALIZED VIEW`; `if_not_exists` for a materialized one only",
        "as PostgreSQL",
        "`CREATE VIEW`; a materialized one is refused",
        "`drop_view`",
    ),
    "drop_view": Notes(
        "`DROP VIEW`; `cascade` is refused",
        "`DROP VIEW`",
        "`DROP VIEW`",
        "`DROP VIEW`; `cascade` is refused",
        f"`create_view`, with `existing_definition`{_NEEDS_DEFINITION}, and one with `cascade` neither",
    ),
    "replace_view": Notes(
        "dropped and created, with the triggers on it",
        "`CREATE OR REPLACE`; with `recreate`, or materialized, dropped and created",
        "as PostgreSQL",
        "`CREATE OR REPLACE`",
        "`replace_view`, with `existing_definition`",
    ),
    "create_function": Notes("refused", "as it stands", "as it stands", "as it stands", "`drop_function`"),
    "drop_function": Notes(
        "refused",
        "`DROP FUNCTION` or `DROP PROCEDURE`",
        "as PostgreSQL",
        "as PostgreSQL, without the arguments",
        f"`create_function`, with `existing_definition`{_NEEDS_DEFINITION}",
    ),
    "replace_function": Notes(
        "refused",
        "`CREATE OR REPLACE`",
        "`CREATE OR REPLACE`",
        "MariaDB: `CREATE OR REPLACE`; MySQL: dropped and created",
        "`replace_function`, with `existing_definition`",
    ),
    "create_trigger": Notes("as it stands", "as it stands", "as it stands", "as it stands", "`drop_trigger`"),
    "drop_trigger": Notes(
        "`DROP TRIGGER`",
        "`DROP TRIGGER ... ON`",
        "`DROP TRIGGER ... ON`",
        "`DROP TRIGGER`",
        f"`create_trigger`, with `existing_definition`{_NEEDS_DEFINITION}",
    ),
    "replace_trigger": Notes(
        "dropped and created",
        "dropped and created",
        "dropped and created",
        "dropped and created",
        "`replace_trigger`, with `existing_definition`",
    ),
    # -- schemas and extensions ---------------------------------------------------------------
    "create_schema": Notes(
        "refused", "`CREATE SCHEMA`", "`CREATE SCHEMA`", "`CREATE SCHEMA`", "`drop_schema`; none with `if_not_exists`"
    ),
    "drop_schema": Notes(
        "refused",
        "`DROP SCHEMA`",
        "`DROP SCHEMA`",
        "`DROP SCHEMA`, after a look whether it is empty; with `cascade` without a look",
        "`create_schema`; none with `cascade`",
    ),
    "create_extension": Notes(
        "refused",
        "`CREATE EXTENSION`",
        "refused",
        "refused",
        "`drop_extension`; none with `if_not_exists` or `cascade`",
    ),
    "drop_extension": Notes(
        "refused", "`DROP EXTENSION`", "refused", "refused", "`create_extension`; none with `cascade`"
    ),
}
"""By directive, in the order of the page."""
