"""What runs: the environment of a command and the migration context."""
