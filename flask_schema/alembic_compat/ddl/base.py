"""``alembic.ddl.base``: constructs for ALTER TABLE that extensions of SQLAlchemy's compilers use."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import DDLElement
from sqlalchemy.sql.elements import quoted_name


class AlterTable(DDLElement):
    """An ALTER TABLE statement."""

    def __init__(self, table_name: str, schema: str | quoted_name | None = None) -> None:
        self.table_name = table_name
        self.schema = schema


class RenameTable(AlterTable):
    """``ALTER TABLE ... RENAME TO ...``."""

    def __init__(self, old_table_name: str, new_table_name: str, schema: str | quoted_name | None = None) -> None:
        super().__init__(old_table_name, schema=schema)
        self.new_table_name = new_table_name


@compiles(RenameTable)
def visit_rename_table(element: RenameTable, compiler: Any, **kw: Any) -> str:
    """The statement's text."""
    del kw
    old = format_table_name(compiler, element.table_name, element.schema)
    return f"ALTER TABLE {old} RENAME TO {format_table_name(compiler, element.new_table_name, element.schema)}"


def format_table_name(compiler: Any, name: str | quoted_name, schema: str | quoted_name | None) -> str:
    """The name of a table as the compiler writes it, its schema before it."""
    quote = compiler.preparer.quote
    written: str = quote(name)
    return f"{quote(schema)}.{written}" if schema else written
