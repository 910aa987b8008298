"""Pages whose files and commands are run as they stand.

A fenced block with a name (```toml prices.toml) is a file. A console block holds commands after
`$ ` with what they print; `...` stands for anything. Short ids are made anew in each run: those of
the page stand for them.
"""

import re
import shlex
from collections.abc import Iterator
from difflib import ndiff
from itertools import zip_longest
from typing import NamedTuple

from tests.contracts.command_line import Answer, CommandLine
from tests.tidy.sources import ROOT

BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NO_BREAK = "\N{NO-BREAK SPACE}"
SHORT_ID = re.compile(r"^([0-9a-f]{4,})(?=  )")


class Written(NamedTuple):
    """A file that the page shows."""

    name: str
    text: str


class Typed(NamedTuple):
    """A command that the page shows, with the lines it should print."""

    line: int
    words: str
    prints: list[str]


def steps(page: str) -> Iterator[Written | Typed]:
    """What is done on a page, in order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        language, name, body = block.groups()
        first = text.count("\n", 0, block.start(3)) + 1
        if name:
            yield Written(name, body)
        elif language == "console":
            yield from _typed(body.splitlines(), first)


def _typed(lines: list[str], first: int) -> Iterator[Typed]:
    starts = [place for place, line in enumerate(lines) if line.startswith("$ ")]
    for start, end in zip_longest(starts, starts[1:], fillvalue=len(lines)):
        yield Typed(first + start, lines[start][2:], lines[start + 1 : end])


class Reader:
    """Somebody who does what a page says, in a home of their own."""

    def __init__(self, kesto: CommandLine, port: int) -> None:
        self.kesto = kesto
        self.port = port
        self.ids: dict[str, str] = {}

    def follow(self, page: str) -> None:
        """Do all that is on the page but its demo; what comes out must be what it says."""
        for step in steps(page):
            if isinstance(step, Written):
                self.kesto.file(step.name, step.text)
            elif "demo" not in step.words:
                self.type(step, page)

    def type(self, step: Typed, page: str) -> None:
        command, *words = shlex.split(step.words)
        assert command == "kesto", f"{page}, line {step.line}: type kesto"
        real = (self.ids.get(word, word) for word in words)
        self.compare(step, page, self.kesto(*real, KESTO_PORT=f"{self.port}"))

    def compare(self, step: Typed, page: str, answer: Answer) -> None:
        text = (answer.out + answer.messages).replace(NO_BREAK, " ")
        printed = [line.rstrip().replace(f":{self.port}", ":8000") for line in text.splitlines()]
        if answer.status:
            printed.append(f"(exit status {answer.status})")
        self.learn_ids(step.prints, printed)
        shown = [self.with_ids(line) for line in step.prints]
        difference = [] if is_like(printed, shown) else ["", *ndiff(shown, printed)]
        assert not difference, f"{page}, line {step.line}, {step.words}" + "\n".join(difference)

    def learn_ids(self, shown: list[str], printed: list[str]) -> None:
        """Which id of this run stands where the page has its own."""
        for said, real in zip(shown, printed, strict=False):
            ours, theirs = SHORT_ID.match(said), SHORT_ID.match(real)
            if ours and theirs:
                self.ids[ours[1]] = theirs[1]

    def with_ids(self, line: str) -> str:
        return SHORT_ID.sub(lambda found: self.ids.get(found[1], found[1]), line)


def is_like(printed: list[str], shown: list[str]) -> bool:
    """Whether lines are those that were shown, with `...` for anything."""
    pattern = re.escape("\n".join(shown).strip()).replace(r"\.\.\.", ".*")
    return re.fullmatch(pattern, "\n".join(printed).strip(), re.DOTALL) is not None
