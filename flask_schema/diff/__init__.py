"""Two snapshots in, operations out. Pure: no database, no question to the user, no file."""
