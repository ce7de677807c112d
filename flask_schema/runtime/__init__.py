"""Runs a route: transactions, the version table, a script's directives, and the same as SQL text."""
