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
