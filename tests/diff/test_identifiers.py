from __future__ import annotations

import pytest

from flask_schema.snapshot.identifiers import mentions, renamed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name > 1", "title > 1"),
        ("NAME > 1", "title > 1"),
        ('"name" > 1', '"title" > 1'),
        ("`name` > 1", "`title` > 1"),
        ("[name] > 1", "[title] > 1"),
        ('"Name" > 1', '"Name" > 1'),
        ("names > 1", "names > 1"),
        ("'name' <> name", "'name' <> title"),
        ("'it''s name' = name", "'it''s name' = title"),
        ("$$name$$ = name", "$$name$$ = title"),
        ("name = 1 -- name", "title = 1 -- name"),
        ("name(name)", "name(title)"),
        ("t.name = name.x", "t.title = name.x"),
        ("tags[name]", "tags[name]"),
    ],
)
def test_names_are_renamed_and_nothing_else(text: str, expected: str) -> None:
    assert renamed(text, "name", "title") == expected


def test_a_new_name_is_quoted_where_it_must_be() -> None:
    assert renamed("name > 1", "name", "Full Name") == '"Full Name" > 1'
    assert renamed("`name` > 1", "name", "a`b") == "`a``b` > 1"


def test_mentions() -> None:
    assert mentions("lower(name) = 'x'", "name")
    assert not mentions("lower('name') = 'x'", "name")
    assert not mentions("name('x')", "name")
    assert mentions('"Größe" > 1', "Größe")
