"""One function a command: it does the work, returns a result, raises typed errors, and prints nothing."""
