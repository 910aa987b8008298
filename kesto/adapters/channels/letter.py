"""Letters: one file a day for the printer, with a cover sheet, and the list of their addresses.

Both files are made beside their place and take their names when they are whole; made again they
have the same bytes.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import cast

import msgspec

from kesto.adapters.channels.joined import join
from kesto.adapters.channels.port import Printed, PrintedLetter
from kesto.adapters.documents.letters import FONTS, printable
from kesto.adapters.files.csv_written import csv_written

COVER = Path(__file__).with_name("cover.typ")
ADDRESS_LINES = 8
UNSAFE = re.compile(r"[^\w.-]")


class LetterFolder:
    """Puts batches into a folder, one folder for each merchant."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def print_batch(
        self, folder: str, name: str, cover: Iterable[tuple[str, str]], letters: list[PrintedLetter]
    ) -> Printed:
        """Put a cover sheet and the letters into one file, and their addresses into a list."""
        place = self.root / UNSAFE.sub("_", folder)
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        listed = address_list(letters)
        _take_place(place / f"{name}.csv", _write(place / f".{name}.csv.{os.getpid()}", listed))
        part = place / f".{name}.pdf.{os.getpid()}"
        first = cover_sheet(f"Letters {name}", cover)
        pages, sha256 = join(part, self._documents(first, letters))
        _take_place(place / f"{name}.pdf", part)
        return Printed(pages, sha256, hashlib.sha256(listed).digest())

    @staticmethod
    def _documents(first: bytes, letters: list[PrintedLetter]) -> Iterator[bytes]:
        yield first
        for letter in letters:
            yield letter.pdf()


def address_list(letters: Iterable[PrintedLetter]) -> bytes:
    """The addresses in the order of printing, as CSV with semicolons for a table program."""
    head = ["place", "document", "language", *(f"line_{n + 1}" for n in range(ADDRESS_LINES))]
    rows = (
        [str(place), letter.number, letter.language, *_lines(letter)]
        for place, letter in enumerate(letters, start=1)
    )
    return csv_written(head, rows)


def cover_sheet(title: str, facts: Iterable[tuple[str, str]]) -> bytes:
    """A page that says what the batch holds."""
    data = msgspec.json.encode({"title": title, "facts": [[*fact] for fact in facts]}).decode()
    # Loaded for the first letter: most workers hold no engine most of the time.
    made = import_module("typst").compile(
        str(COVER),
        format="pdf",
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": printable(data)},
    )
    return cast("bytes", made)


def _lines(letter: PrintedLetter) -> list[str]:
    lines = [*letter.address[:ADDRESS_LINES]]
    return lines + [""] * (ADDRESS_LINES - len(lines))


def _write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _take_place(path: Path, part: Path) -> None:
    """Let a file that is whole, and on the disk, take its name."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)
