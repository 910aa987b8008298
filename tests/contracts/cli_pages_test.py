"""The pages that a newcomer follows, done as they stand; and that they leave nothing out."""

import re
import socket

import pytest

from tests.contracts.command_line import commands, opened, options
from tests.contracts.pages import Reader
from tests.tidy.sources import ROOT

COMMANDS = (ROOT / "docs/commands.md").read_text(encoding="utf-8")


def test_the_first_day_and_the_commands_after_it_go_as_their_pages_say() -> None:
    with opened() as kesto:
        reader = Reader(kesto, free_port())
        reader.follow("docs/recipes/first-day.md")
        reader.follow("docs/commands.md")


@pytest.mark.parametrize("name", commands())
def test_every_command_is_described_with_its_options_and_an_example(name: str) -> None:
    section = re.search(rf"^## kesto {name}\b.*?(?=^## |\Z)", COMMANDS, re.MULTILINE | re.DOTALL)
    assert section, f"docs/commands.md has no ## kesto {name}"
    missing = {word for word in options(commands()[name]) if f"`{word}" not in section[0]}
    assert missing == set(), f"docs/commands.md, kesto {name}"
    assert f"$ kesto {name}" in section[0]


def test_every_section_is_of_a_command() -> None:
    described = re.findall(r"^## kesto (.+?)(?: \[?[A-Z]+\]?)?$", COMMANDS, re.MULTILINE)
    assert sorted(described) == sorted(commands())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
