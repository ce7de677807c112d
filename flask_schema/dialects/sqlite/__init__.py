"""SQLite: native ALTER TABLE where it can, the documented rebuild of a table where it cannot."""
