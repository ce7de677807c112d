"""``alembic.util.messaging``: what scripts say to the user."""

from __future__ import annotations

import sys
import warnings
from typing import Any, NoReturn

from flask_schema.errors import SchemaError, mask_passwords


def warn(message: str, stacklevel: int = 2) -> None:
    """Issue a UserWarning from the caller's line."""
    warnings.warn(message, UserWarning, stacklevel=stacklevel)


def warn_deprecated(message: str, stacklevel: int = 2) -> None:
    """Issue a DeprecationWarning from the caller's line."""
    warnings.warn(message, DeprecationWarning, stacklevel=stacklevel)


def msg(text: str, newline: bool = True, flush: bool = False, quiet: bool = False) -> None:
    """Write a line to standard output."""
    if not quiet:
        sys.stdout.write(text + ("\n" if newline else ""))
        if flush:
            sys.stdout.flush()


def err(message: str, quiet: bool = False) -> NoReturn:
    """End with an error; the command line prints it and exits."""
    del quiet
    raise SchemaError(message)


def obfuscate_url_pw(url: Any) -> str:
    """A URL as text without its password."""
    import sqlalchemy as sa

    return mask_passwords(sa.make_url(url).render_as_string(hide_password=True))
