"""Loads the application as ``flask`` does, and says in one line why it cannot be."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

import click
from flask import Flask
from flask.cli import ScriptInfo

from flask_schema.databases import explain_error
from flask_schema.errors import ApplicationFailed, SchemaError


def load_app(context: click.Context) -> Flask:
    """The application of ``flask --app``. Raises NoAppException where there is none, ApplicationFailed, DatabaseError."""
    info = context.ensure_object(ScriptInfo)
    try:
        return info.load_app()
    except (click.ClickException, SchemaError):
        raise
    except Exception as error:
        raise failure(error) from error


def failure(error: Exception) -> SchemaError:
    """What an error of the application's start says: a missing driver, a wrong URL, or anything else and where."""
    if "sqlalchemy" in sys.modules or isinstance(error, ModuleNotFoundError):
        known = explain_error(error)
        if known is not None:
            return known
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_theirs(frame.filename)]
    said = " ".join(str(error).split()) or "no message"
    return ApplicationFailed(
        f"the application cannot be loaded: {type(error).__name__}: {said}",
        file=frames[-1].filename if frames else None,
        line=frames[-1].lineno if frames else None,
    )


def _is_theirs(filename: str) -> bool:
    """Whether a file belongs to the application: it is no library, not of ours, and not frozen."""
    library = str(Path(traceback.__file__).parent)
    ours = str(Path(__file__).parent.parent)
    return not filename.startswith(("<", library, ours)) and "site-packages" not in filename
