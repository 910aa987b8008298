"""How the value of an event is shown to people, whatever was sent."""

import pytest

from kesto.core.metering.event import plain_text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        ("", ""),
        ("12.50", "12.50"),
        (2.5, "2.5"),
        (False, "false"),
        ({"a": 1}, "{'a': 1}"),
        (["x"], "['x']"),
    ],
)
def test_whatever_was_sent_as_a_value_can_be_shown(value: object, shown: str) -> None:
    assert plain_text(value) == shown
