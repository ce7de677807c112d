"""``from alembic.operations import ops``: the directive classes that hooks look at and make."""

from __future__ import annotations

from flask_schema.alembic_compat.operations.column_ops import AddColumnOp, AlterColumnOp, DropColumnOp
from flask_schema.alembic_compat.operations.constraint_ops import (
    AddConstraintOp,
    CreateCheckConstraintOp,
    CreateExcludeConstraintOp,
    CreateForeignKeyOp,
    CreatePrimaryKeyOp,
    CreateUniqueConstraintOp,
    DropConstraintOp,
)
from flask_schema.alembic_compat.operations.containers import (
    DowngradeOps,
    MigrationScript,
    ModifyTableOps,
    OpContainer,
    UpgradeOps,
)
from flask_schema.alembic_compat.operations.index_ops import CreateIndexOp, DropIndexOp
from flask_schema.alembic_compat.operations.migrate_operation import AlterTableOp, MigrateOperation
from flask_schema.alembic_compat.operations.statement_ops import BulkInsertOp, EngineOp, ExecuteSQLOp
from flask_schema.alembic_compat.operations.table_ops import (
    CreateTableCommentOp,
    CreateTableOp,
    DropTableCommentOp,
    DropTableOp,
    RenameTableOp,
)

__all__ = [
    "AddColumnOp",
    "AddConstraintOp",
    "AlterColumnOp",
    "AlterTableOp",
    "BulkInsertOp",
    "CreateCheckConstraintOp",
    "CreateExcludeConstraintOp",
    "CreateForeignKeyOp",
    "CreateIndexOp",
    "CreatePrimaryKeyOp",
    "CreateTableCommentOp",
    "CreateTableOp",
    "CreateUniqueConstraintOp",
    "DowngradeOps",
    "DropColumnOp",
    "DropConstraintOp",
    "DropIndexOp",
    "DropTableCommentOp",
    "DropTableOp",
    "EngineOp",
    "ExecuteSQLOp",
    "MigrateOperation",
    "MigrationScript",
    "ModifyTableOps",
    "OpContainer",
    "RenameTableOp",
    "UpgradeOps",
]

_CALLS: dict[str, type[MigrateOperation]] = {
    "add_column": AddColumnOp,
    "alter_column": AlterColumnOp,
    "bulk_insert": BulkInsertOp,
    "create_check_constraint": CreateCheckConstraintOp,
    "create_exclude_constraint": CreateExcludeConstraintOp,
    "create_foreign_key": CreateForeignKeyOp,
    "create_index": CreateIndexOp,
    "create_primary_key": CreatePrimaryKeyOp,
    "create_table": CreateTableOp,
    "create_table_comment": CreateTableCommentOp,
    "create_unique_constraint": CreateUniqueConstraintOp,
    "drop_column": DropColumnOp,
    "drop_constraint": DropConstraintOp,
    "drop_index": DropIndexOp,
    "drop_table": DropTableOp,
    "drop_table_comment": DropTableCommentOp,
    "execute": ExecuteSQLOp,
    "rename_table": RenameTableOp,
}
for _name, _class in _CALLS.items():
    _class.stands_for = _name
