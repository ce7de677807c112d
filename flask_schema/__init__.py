"""Schema migrations for Flask, with an engine of its own."""
