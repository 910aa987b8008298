"""What commands print: progress and messages on stderr, results on stdout."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, Protocol

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from kesto.core.refusals import Refused

FINE, FINDINGS, REFUSED, TROUBLE = 0, 1, 2, 3

output = Console(highlight=False)
messages = Console(stderr=True, highlight=False)


class Advance(Protocol):
    """Says that some steps are done."""

    def __call__(self, steps: int = 1) -> None:
        """Move the bar on."""


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Advance]:
    """Show a bar on stderr for long work; silent where stderr is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = Progress(
        *columns, TimeElapsedColumn(), console=messages, disable=not messages.is_terminal
    )
    with bar:
        task = bar.add_task(what, total=total)

        def advance(steps: int = 1) -> None:
            bar.advance(task, steps)

        yield advance


def say(sentence: str) -> None:
    """Tell the person at the terminal something that is no result."""
    messages.print(sentence, markup=False, soft_wrap=True)


def show_text(text: str) -> None:
    """Print a result as it is."""
    output.print(text, markup=False, soft_wrap=True)


def show_json(value: object) -> None:
    """Print a result for programs: one JSON object on one line."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    sys.stdout.flush()


def show_table(columns: Sequence[str], rows: Sequence[Sequence[object]], title: str = "") -> None:
    """Print a table; columns whose name starts with > are numbers and stand to the right."""
    table = Table(title=title or None, title_justify="left", show_edge=False, pad_edge=False)
    for column in columns:
        side: Literal["left", "right"] = "right" if column[:1] == ">" else "left"
        table.add_column(column.lstrip(">"), justify=side, overflow="fold")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    output.print(table)


def show_refusal(refusal: Refused, *, as_json: bool) -> None:
    """Say why something was not done: one line on stderr, or an object for programs."""
    if as_json:
        error = {"code": refusal.code, "field": refusal.field, "detail": refusal.detail}
        show_json({"error": error})
    else:
        say(f"error: {refusal.detail}")
