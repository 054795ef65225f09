"""How Alembic runs here: on the connection and in the transaction of `store/schema.py`."""

from alembic import context

from zhanggui.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=False,
)
with context.begin_transaction():
    context.run_migrations()
