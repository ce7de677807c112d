"""Names of revision files: ids, slugs, dates and the file template."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask_schema.errors import ConfigurationError

FILE_TEMPLATE = "%(rev)s_%(slug)s"
"""The default of the setting ``file_template``."""

SLUG_LENGTH = 40
"""The default of the setting ``truncate_slug_length``, in characters."""

_TOKENS = ("rev", "slug", "epoch", "year", "month", "day", "hour", "minute", "second")
_WORD = re.compile(r"\w+")


def new_revision_id() -> str:
    """A random revision id: 12 hexadecimal digits."""
    return uuid.uuid4().hex[-12:]


def chronological_revision_id(moment: datetime) -> str:
    """A revision id that sorts by time, 14 digits from year to second."""
    return moment.strftime("%Y%m%d%H%M%S")


def creation_date(time_zone: str | None) -> datetime:
    """Now, in a named time zone (``UTC``, ``Europe/Berlin``) or, for None, local time without one.

    Raises ConfigurationError for a name that nobody knows.
    """
    if time_zone is None:
        return datetime.now()  # local time, as people read it in file names
    if time_zone.upper() == "UTC":
        return datetime.now(timezone.utc)
    for name in (time_zone, time_zone.upper(), time_zone.title()):
        try:
            return datetime.now(timezone.utc).astimezone(ZoneInfo(name))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    raise ConfigurationError(
        f"there is no time zone {time_zone!r}",
        hint="use a name like 'UTC' or 'Europe/Berlin'; on Windows install the package 'tzdata'",
    )


def slug(message: str | None, length: int = SLUG_LENGTH) -> str:
    """The words of a message in lower case joined by underscores, cut at a word's end to ``length`` characters."""
    words = "_".join(_WORD.findall(message or "")).lower()
    return f"{words[:length].rsplit('_', 1)[0]}_" if len(words) > length else words


def revision_file(
    folder: Path,
    revision: str,
    message: str | None,
    moment: datetime,
    *,
    template: str = FILE_TEMPLATE,
    slug_length: int = SLUG_LENGTH,
) -> Path:
    """The path of a new revision's file in ``folder``; the template may name subfolders.

    Raises ConfigurationError for a template that cannot be filled or that leads out of the folder.
    """
    values: dict[str, object] = {
        "rev": revision,
        "slug": slug(message, slug_length),
        "epoch": int(moment.timestamp()),
        **{token: getattr(moment, token) for token in _TOKENS[3:]},
    }
    try:
        name = f"{template % values}.py"
    except (KeyError, ValueError, TypeError) as error:
        raise ConfigurationError(
            f"file_template {template!r} cannot be filled: {error}",
            hint=f"tokens are {', '.join(f'%({token})s' for token in _TOKENS)}",
        ) from error
    path = folder / name
    if "\0" in name or not path.resolve().is_relative_to(folder.resolve()) or not path.stem.strip("._"):
        raise ConfigurationError(
            f"the file name {name!r} leads out of {folder}",
            hint="file_template and the revision id may name files and subfolders of the versions folder only",
        )
    return path
