"""What commands print: progress and messages on stderr, results on stdout."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, Protocol

from msgspec import Struct
from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from kesto.adapters.files.errors import FileError, InvalidFile
from kesto.core.refusals import Refused, RefusedTogether
from kesto.ops.plain import (
    FINDINGS,
    FINE,
    INTERRUPTED,
    NOBODY_READS,
    REFUSED,
    TROUBLE,
    hang_up,
    show_json,
    show_text,
)

__all__ = [
    "FINDINGS",
    "FINE",
    "INTERRUPTED",
    "NOBODY_READS",
    "REFUSED",
    "TROUBLE",
    "Advance",
    "hang_up",
    "messages",
    "output",
    "progress",
    "say",
    "show",
    "show_json",
    "show_refusal",
    "show_table",
    "show_text",
]

MOST_ERRORS = 20
SECONDS_BETWEEN_LINES = 10


class _Screen(Console):
    """A console that leaves it to the command line what happens when nobody reads on."""

    def on_broken_pipe(self) -> None:
        """Pass the error on."""
        raise BrokenPipeError


output = _Screen(highlight=False)
messages = _Screen(stderr=True, highlight=False)


class Together(Struct, frozen=True):
    """One of several refusals that came together."""

    code: str
    subject: str
    field: str
    detail: str

    def __str__(self) -> str:
        """One line for a person."""
        where = ", ".join(word for word in (self.subject, self.field) if word)
        return f"{where}: {self.detail}" if where else self.detail


class Advance(Protocol):
    """Says that some steps are done, and how many there are once that is known.

    `told` is what is to be read beside the bar.
    """

    def __call__(self, steps: int = 1, total: int | None = None, told: str = "") -> None:
        """Move the bar on."""


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Advance]:
    """Show a bar on stderr for long work.

    Where stderr is no terminal, what is told is a line of its own every ten seconds, if anything
    is told, and there is no bar.
    """
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    is_terminal = messages.is_terminal
    with Progress(
        *(*columns, TimeElapsedColumn(), TextColumn("{task.fields[told]}", markup=False)),
        console=messages,
        disable=not is_terminal,
    ) as bar:
        task = bar.add_task(what, total=total, told="")
        spoke_at = time.monotonic()

        def advance(steps: int = 1, total: int | None = None, told: str = "") -> None:
            nonlocal spoke_at
            bar.update(task, advance=steps, total=total, told=told)
            if told and not is_terminal and time.monotonic() - spoke_at >= SECONDS_BETWEEN_LINES:
                spoke_at = time.monotonic()
                say(f"{what}: {told}")

        yield advance


def say(sentence: str) -> None:
    """Tell the person at the terminal something that is no result."""
    messages.print(sentence, markup=False, soft_wrap=True)


def show(result: RenderableType) -> None:
    """Print a result that fits itself to the terminal, without blanks at the ends of lines."""
    with output.capture() as captured:
        output.print(result)
    lines = captured.get().splitlines()
    show_text("\n".join(line.rstrip() for line in lines))


def show_table(columns: Sequence[str], rows: Sequence[Sequence[object]], title: str = "") -> None:
    """Print a table; columns whose name starts with > are numbers and stand to the right."""
    table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD)
    table.show_edge, table.pad_edge, table.padding = False, False, (0, 1, 0, 0)
    for column in columns:
        side: Literal["left", "right"] = "right" if column[:1] == ">" else "left"
        table.add_column(Text(column.lstrip(">")), justify=side, overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))  # a name may have [brackets] in it
    show(table)


def show_refusal(refusal: Refused, *, as_json: bool) -> None:
    """Say why something was not done: a line for each thing on stderr, or one JSON object."""
    errors = _errors(refusal)
    if as_json:
        error = {"code": refusal.code, "field": refusal.field, "detail": refusal.detail}
        show_json({"error": {**error, "errors": errors} if errors else error})
        return
    for line in [str(one) for one in errors[:MOST_ERRORS]] or [refusal.detail]:
        say(f"error: {line}")
    if len(errors) > MOST_ERRORS:
        say(f"and {len(errors) - MOST_ERRORS} more")


def _errors(refusal: Refused) -> Sequence[FileError | Together]:
    match refusal:
        case InvalidFile(errors=errors):
            return errors
        case RefusedTogether(refusals=refusals):
            return [Together(one.code, one.subject, one.field, one.detail) for one in refusals]
    return ()
