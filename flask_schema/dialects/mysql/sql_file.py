"""Statements in a file that the ``mysql`` client runs as it stands."""

from __future__ import annotations

import re

_SKIPPED = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`[^`]*`|--[^\n]*|#[^\n]*|/\*.*?\*/", re.DOTALL)
_DELIMITER = "$$"


def terminated(sql: str) -> str:
    """``sql`` with the end that the client knows it by.

    The client cuts at every semicolon outside of literals and comments; a statement that has one inside stands
    between two DELIMITER lines. https://dev.mysql.com/doc/refman/8.4/en/stored-programs-defining.html
    Several statements in one text stay as they are.
    """
    text = sql.strip()
    bare = _SKIPPED.sub("", text).strip().removesuffix(";")
    if ";" in bare and re.match(r"(?i)CREATE\b.*?\b(?:TRIGGER|PROCEDURE|FUNCTION|EVENT)\b", bare, re.DOTALL):
        delimiter = _DELIMITER
        while delimiter in text:
            delimiter += "$"
        return f"DELIMITER {delimiter}\n{text.removesuffix(';')}\n{delimiter}\nDELIMITER ;"
    return text if text.endswith(";") else f"{text};"
