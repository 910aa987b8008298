"""The recipe of the test clock, done as it stands, with a worker beside it."""

import json
import re
from typing import Any

import pytest

from tests.contracts.api_clock_test import work
from tests.contracts.api_page_test import asked
from tests.contracts.api_visits import Program, key_for
from tests.tidy.sources import ROOT
from tests.town import Town

PAGE = (ROOT / "docs/recipes/test-clock.md").read_text(encoding="utf-8")
STEP = re.compile(r"^```console\n\$ (curl .*?)\n(\{.*?)^```$", re.MULTILINE | re.DOTALL)
MORE = "..."


def is_like(real: Any, shown: Any) -> bool:
    """Whether an answer is what was shown; "..." stands for more, wherever it is."""
    match shown:
        case "...":
            return True
        case dict():
            wanted = shown.keys() - {MORE}
            is_whole = MORE in shown or real.keys() == wanted
            return is_whole and all(
                name in real and is_like(real[name], shown[name]) for name in wanted
            )
        case [*first, "..."]:
            return len(real) >= len(first) and all(map(is_like, real, first))
        case list():
            return len(real) == len(shown) and all(map(is_like, real, shown))
    return bool(real == shown)


@pytest.mark.usefixtures("booted")
def test_a_year_goes_as_the_page_says() -> None:
    town = Town.founded()
    key = key_for(town)
    steps = STEP.findall(PAGE)
    assert len(steps) == PAGE.count("```console")
    for command, shown in steps:
        request = asked(command.replace("$KESTO_KEY", key))
        answer = Program().send(
            request.method, request.path, request.body.encode(), **request.headers
        )
        assert is_like(answer.json(), json.loads(shown)), (command, answer.json())
        work()


def test_the_comparison_sees_what_differs() -> None:
    assert is_like({"a": 1, "b": [1, 2]}, {"a": 1, "...": "..."})
    assert not is_like({"a": 1, "b": 2}, {"a": 1})
    assert not is_like({"a": [1, 2]}, {"a": [1]})
    assert is_like({"a": [1, 2]}, {"a": [1, "..."]})
