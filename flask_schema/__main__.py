"""``python -m flask_schema``: the same as ``flask-schema``."""

from flask_schema.cli.program import main

if __name__ == "__main__":
    main(prog_name="python -m flask_schema")
