"""The frozen picture of a database, and its making from SQLAlchemy's MetaData."""
