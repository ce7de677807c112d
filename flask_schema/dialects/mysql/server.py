"""Which server stands behind a connection, as far as its SQL depends on it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from flask_schema.values import dataclass


@dataclass(frozen=True, slots=True)
class Server:
    """MySQL or MariaDB and its version; the version is empty while no connection has been made."""

    is_mariadb: bool = False
    version: tuple[int, ...] = ()

    @classmethod
    def of(cls, dialect: sa.Dialect) -> Server:
        """What SQLAlchemy's dialect knows of its server."""
        known: Any = dialect
        version = getattr(known, "_mariadb_normalized_version_info", None) if known.is_mariadb else None
        version = version or getattr(known, "server_version_info", None) or ()
        return cls(bool(known.is_mariadb), tuple(one for one in version if isinstance(one, int)))

    def _is_at_least(self, mysql: tuple[int, ...], mariadb: tuple[int, ...]) -> bool:
        """An unknown version is taken for a current one."""
        return not self.version or self.version >= (mariadb if self.is_mariadb else mysql)

    @property
    def has_checks(self) -> bool:
        """CHECK constraints are kept and listed. MySQL 8.0.16, MariaDB 10.2.22."""
        return self._is_at_least((8, 0, 16), (10, 2, 22))

    @property
    def drop_check(self) -> str:
        """The word behind DROP for a CHECK. MySQL before 8.0.19 knows CHECK only, MariaDB CONSTRAINT only."""
        return "CONSTRAINT" if self._is_at_least((8, 0, 19), ()) else "CHECK"

    @property
    def renames_columns(self) -> bool:
        """``RENAME COLUMN`` exists. MySQL 8.0.3, MariaDB 10.5.2."""
        return self._is_at_least((8, 0, 3), (10, 5, 2))

    @property
    def renames_indexes(self) -> bool:
        """``RENAME INDEX`` exists. MySQL 5.7.1, MariaDB 10.5.2."""
        return self._is_at_least((5, 7, 1), (10, 5, 2))

    @property
    def quotes_defaults(self) -> bool:
        """information_schema shows a default as it is written. MariaDB 10.2.7; MySQL shows the bare value."""
        return self.is_mariadb and self._is_at_least((), (10, 2, 7))
