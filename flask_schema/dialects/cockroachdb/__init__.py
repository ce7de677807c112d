"""CockroachDB, as what differs from PostgreSQL."""
