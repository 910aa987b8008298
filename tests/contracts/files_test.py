"""Files that a merchant hands in: the documented examples, lines of TOML, and any bytes at all."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kesto.adapters.files.catalogue import read_catalogue
from kesto.adapters.files.customers import COLUMNS, read_customers
from kesto.adapters.files.errors import InvalidFile
from kesto.adapters.files.toml_lines import line_of, toml_lines
from kesto.core.pricing import QUANTITY_MODELS

DOCUMENT = Path(__file__).parents[2] / "docs" / "import.md"


def same_id() -> UUID:
    return UUID(int=1)


def test_the_documented_examples_are_read() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    blocks = dict(re.findall(r"```(toml|csv)\n(.*?)```", text, re.DOTALL))
    assert [
        plan.plan for plan in read_catalogue(blocks["toml"].encode(), "prices.toml", same_id).plans
    ] == ["home"]
    people, subscriptions = read_customers(blocks["csv"].encode(), "customers.csv", same_id)
    assert [person.external_id for person in people] == ["1001", "1002", "1003"]
    assert [order.holder for order in subscriptions] == ["1001", "1002", "1002"]


def test_every_column_and_model_is_documented() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [name for name in (*COLUMNS, *QUANTITY_MODELS) if f"`{name}`" not in text] == []


def test_lines_are_found_through_strings_lists_and_headers() -> None:
    text = '''\
a = """
[[not.a.header]]
b = 1
"""
'quoted key' = 'it''s' # "comment
[x."y.z"]
list = [ 1, # one
  [ 2, { deep = "}]" } ],
]
[[t]]
k = "a\\"]"
[[t]]
[[t.u]]
k = \'\'\'
raw\'\'\'
last.dotted = 2026-11-01
'''.replace("'it''s'", "'its'")
    lines = toml_lines(text)
    assert [
        lines[path]
        for path in [
            ("quoted key",),
            ("x", "y.z", "list", 0),
            ("x", "y.z", "list", 1, 1, "deep"),
            ("t", 0, "k"),
            ("t", 1),
            ("t", 1, "u", 0, "k"),
            ("t", 1, "u", 0, "last", "dotted"),
        ]
    ] == [5, 7, 8, 11, 12, 14, 16]
    assert ("b",) not in lines
    assert line_of(lines, ("t", 1, "u", 0, "missing")) == 13
    assert line_of(lines, ("missing",)) == 1


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_make_a_reader_stumble(data: bytes) -> None:
    for read in (read_catalogue, read_customers):
        with pytest.raises(InvalidFile):
            read(data, "any", same_id)
