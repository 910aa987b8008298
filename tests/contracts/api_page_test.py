"""The API's page: its examples answer what they show, and it leaves no code out."""

import json
import re
import shlex
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

import kesto.api
from tests.contracts.api_visits import Program, key_for
from tests.tidy.sources import ROOT
from tests.town import Town

PAGE = (ROOT / "docs/api/README.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"^```console\n\$ (curl .*?)\n([{\[]\n.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = EXAMPLE.findall(PAGE)
CODE = re.compile(r"Problem\(\s*\*?\(?(\d+), \"([a-z_]+)\"")


class Asked(NamedTuple):
    """What a command sends."""

    path: str
    headers: dict[str, str]
    body: str
    method: str


def asked(command: str) -> Asked:
    """A request as curl reads it."""
    words = iter(shlex.split(command.replace("\\\n", " "))[1:])
    address, headers, body, method = "", {}, "", ""
    for word in words:
        if word == "-H":
            name, _, text = next(words).partition(": ")
            headers[name.lower()] = text
        elif word == "-d":
            body = next(words)
        elif word == "-X":
            method = next(words)
        else:
            address = word
    path, query = urlsplit(address)[2:4]
    method = method or ("POST" if body else "GET")
    return Asked(f"{path}?{query}" if query else path, headers, body, method)


def is_like(real: Any, shown: Any) -> bool:
    """Whether an answer is what was shown, with "..." for anything."""
    match shown:
        case "...":
            return True
        case dict():
            return real.keys() == shown.keys() and all(
                is_like(real[name], shown[name]) for name in shown
            )
        case list():
            return len(real) == len(shown) and all(map(is_like, real, shown))
    return bool(real == shown)


@pytest.mark.parametrize(("command", "shown"), EXAMPLES)
def test_an_example_answers_what_it_shows(town: Town, command: str, shown: str) -> None:
    request = asked(command.replace("$KESTO_KEY", key_for(town)))
    body = request.body.encode()
    answer = Program().send(request.method, request.path, body, **request.headers)
    assert is_like(answer.json(), json.loads(shown)), answer.content


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == PAGE.count("```console") == 7


def test_every_code_is_on_the_page() -> None:
    found = {
        pair
        for path in Path(kesto.api.__file__).parent.glob("*.py")
        for pair in CODE.findall(path.read_text("utf-8"))
    }
    assert len(found) > 18
    rows = re.findall(r"^\| ([\d, ]+) \| (`[a-z_`, ]+) \|", PAGE, re.MULTILINE)
    described = {
        (status, code)
        for statuses, codes in rows
        for status in statuses.split(", ")
        for code in re.findall(r"`(\w+)`", codes)
    }
    assert found <= described
