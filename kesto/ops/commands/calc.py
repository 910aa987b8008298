"""`kesto calc`: the calculator on the command line, JSON Lines in and out."""

import sys
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec
import typer

from kesto.calculate import answer_lines, is_error
from kesto.core.refusals import NotFound
from kesto.ops.console import FINDINGS, FINE


def calc(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="A file of JSON Lines; standard input without it."),
    ] = None,
) -> None:
    """Compute prices, periods, shares, invoices and references: one JSON answer a line.

    Exit status 0, or 1 when any line could not be computed.
    """
    if file is None:
        status = _answer(sys.stdin.buffer)
    else:
        try:
            with file.open("rb") as lines:
                status = _answer(lines)
        except OSError as error:
            raise NotFound(f"{file} can't be read: {error.strerror}", field="file") from error
    raise typer.Exit(status)


def _answer(lines: BinaryIO) -> int:
    """Write an answer at once for each line, so that a program may ask and wait."""
    status = FINE
    for answer in answer_lines(lines):
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()
        if is_error(answer):
            status = FINDINGS
    return status
