"""What is known about MySQL's and MariaDB's errors, by their number.

https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html
"""

from __future__ import annotations

from typing import Any

_KNOWN: dict[int, tuple[str, str | None]] = {
    1005: (
        "the table could not be made; with errno 150, a foreign key's columns differ in type or its target has no key",
        "compare both columns, and look at SHOW ENGINE INNODB STATUS",
    ),
    1044: ("the user has no right to this database", "grant it: GRANT ALL ON the_database.* TO the_user"),
    1062: (
        "rows that are there already would break the unique key",
        "remove the duplicates in a revision before this one",
    ),
    1068: ("the table has a primary key already", "drop it first with op.drop_constraint(..., type_='primary')"),
    1071: ("the key is too long for the table's row format", "index a prefix: mysql_length={'column': 191}"),
    1072: ("a key names a column that the table does not have", None),
    1075: (
        "an AUTO_INCREMENT column must be the first column of a key",
        "give it a key first, or let it stop counting with op.alter_column(..., autoincrement=False)",
    ),
    1091: (
        "there is nothing of that name to drop",
        "look at the table with SHOW CREATE TABLE; if_exists=True lets it pass",
    ),
    1142: ("the user has no right to do this to the table", "grant it, or run the migration as another user"),
    1146: ("the table does not exist", "run 'flask db current' to see where the database stands"),
    1170: ("a TEXT or BLOB column can be indexed by a prefix only", "give mysql_length={'column': 100}"),
    1205: ("another transaction holds the table", "end it (SHOW PROCESSLIST shows it) and run the command again"),
    1213: ("two transactions waited for each other", "run the command again"),
    1215: (
        "the foreign key does not fit: both columns need the same type, and the referred one a key",
        "SHOW ENGINE INNODB STATUS says which of both it is",
    ),
    1265: ("rows that are there already do not fit the new type", "mend them in a revision before this one"),
    1406: ("texts that are there already are longer than the new type", "shorten them in a revision before this one"),
    1451: ("rows of another table refer to it", "drop the foreign key first, or remove the rows"),
    1452: ("rows that are there already refer to nothing", "mend them in a revision before this one"),
    1553: ("a foreign key needs the index", "drop the foreign key first"),
    1699: ("another session holds a lock on the table", "end it (SHOW PROCESSLIST shows it) and run the command again"),
    1822: ("the columns that the foreign key refers to have no key", "give them a unique constraint first"),
    1824: ("the table that the foreign key refers to does not exist", "create it first"),
    1826: ("names of foreign keys and checks are unique in a whole database", "give this one another name"),
    1828: ("a foreign key needs the column", "drop the foreign key first with op.drop_constraint"),
    1829: ("a foreign key of another table needs the column", "drop that foreign key first with op.drop_constraint"),
    1832: ("a foreign key uses the column", "drop the foreign key, change the column, and create it again"),
    1833: ("a foreign key of another table uses the column", "drop it, change both columns, and create it again"),
    1846: ("the server cannot do it in the way that was asked for", None),
    1901: ("the server does not allow this expression there", None),
    1907: ("a generated column cannot be changed in this way", "drop the column and add it again"),
    3730: ("a foreign key of another table refers to the table", "drop that foreign key first"),
    3780: ("both columns of a foreign key need the same type", "change one of both with op.alter_column first"),
    3819: ("rows that are there already break the check", "mend them in a revision before this one"),
    3822: ("names of checks are unique in a whole database", "give this one another name"),
    3959: ("a check uses the column", "drop the check first with op.drop_constraint(..., type_='check')"),
    4025: ("rows that are there already break the check", "mend them in a revision before this one"),
}
"""By error number: what it means in a migration, and what to do."""


def explain_error(error: BaseException) -> tuple[str, str | None] | None:
    """The explanation and hint for a driver's error, or for SQLAlchemy's around it; None for one not known."""
    original: Any = getattr(error, "orig", None) or error
    number = getattr(original, "errno", None) or next(iter(getattr(original, "args", ())), None)
    return _KNOWN.get(number) if isinstance(number, int) else None
