[alembic]
# The database. Leave it out where env.py knows it.
sqlalchemy.url = driver://user:password@host/database
