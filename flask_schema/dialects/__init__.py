"""One database's way of doing things, a folder each: writing statements, reading a schema, comparing texts."""
