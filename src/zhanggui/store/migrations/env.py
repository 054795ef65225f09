"""How Alembic runs here: on the connection and in the transaction of `store/schema.py`."""

from collections.abc import Collection, Mapping
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo

from zhanggui.store.tables import metadata


def _reached(ctx: MigrationContext, step: MigrationInfo, heads: Collection[Any], run_args: Mapping[str, Any]) -> None:
    """Tell who waits how far it is."""
    told = context.config.attributes.get("reached")
    if told is not None:
        told(step.up_revision_id)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=False,
    on_version_apply=_reached,
)
with context.begin_transaction():
    context.run_migrations()
