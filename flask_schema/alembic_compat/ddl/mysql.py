"""``alembic.ddl.mysql``."""

from __future__ import annotations

from typing import ClassVar

from flask_schema.alembic_compat.ddl.impl import DefaultImpl


class MySQLImpl(DefaultImpl):
    """A database that is treated as MySQL is."""

    __dialect__: ClassVar[str] = "mysql"


class MariaDBImpl(MySQLImpl):
    """A database that is treated as MariaDB is."""

    __dialect__: ClassVar[str] = "mariadb"
