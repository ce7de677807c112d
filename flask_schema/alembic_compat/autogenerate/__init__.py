"""``alembic.autogenerate``: comparing models with a database, for programs and for extensions of autogenerate."""

from flask_schema.alembic_compat.autogenerate.api import AutogenContext as AutogenContext
from flask_schema.alembic_compat.autogenerate.api import _render_migration_diffs as _render_migration_diffs
from flask_schema.alembic_compat.autogenerate.api import compare_metadata as compare_metadata
from flask_schema.alembic_compat.autogenerate.api import produce_migrations as produce_migrations
from flask_schema.alembic_compat.autogenerate.api import render_python_code as render_python_code
from flask_schema.alembic_compat.autogenerate.compare import _produce_net_changes as _produce_net_changes
from flask_schema.alembic_compat.autogenerate.compare import comparators as comparators
from flask_schema.alembic_compat.autogenerate.render import render_op_text as render_op_text
from flask_schema.alembic_compat.autogenerate.render import renderers as renderers
from flask_schema.alembic_compat.autogenerate.revision_context import RevisionContext as RevisionContext
from flask_schema.alembic_compat.autogenerate.rewriter import Rewriter as Rewriter
