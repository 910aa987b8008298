"""Our own PDF files put together into one for the printer, page after page.

It reads files of the form that our documents have: a classic cross-reference table, objects
uncompressed. Only what a page is printed with is taken over; structure and metadata stay in
the single files.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import IO

REFERENCE = re.compile(rb"\b(\d+) 0 R\b")
STARTXREF = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*$")
SUBSECTION = re.compile(rb"(\d+) (\d+)\s*\n")
ENTRY_BYTES = 20
STREAM = re.compile(rb"\bstream\r?\n")
# What leads out of a page: its parent, the tags, and the links that paper does not have.
NOT_PRINTED = re.compile(rb"/Parent \d+ 0 R|/StructParents? \d+|/Tabs/S|/Annots\s*\[[^\]]*\]")
HEADER = b"%PDF-1.7\n%\x80\x80\x80\x80\n"


class UnknownFormError(ValueError):
    """A file that is not of the form our documents have."""


class Joined:
    """One file that pages are added to; it is written as it grows."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self._at = 0
        self._offsets: dict[int, int] = {}
        self._next = 3  # the catalogue is 1, the list of pages 2
        self._pages: list[int] = []
        self._write(HEADER)

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return len(self._pages)

    def add(self, pdf: bytes) -> int:
        """Add the pages of a document; answers how many."""
        objects = dict(_objects(pdf))
        pages = [number for number, body in objects.items() if _is_page(body)]
        numbers = {old: self._next + place for place, old in enumerate(_needed(objects, pages))}
        self._next += len(numbers)
        for old, new in numbers.items():
            if old in pages:
                self._pages.append(new)
                body = _renumbered(_printed(objects[old]), numbers)
                self._object(new, body.replace(b"/Type/Page", b"/Type/Page/Parent 2 0 R", 1))
            else:
                self._object(new, _renumbered(objects[old], numbers))
        return len(pages)

    def finish(self) -> bytes:
        """Write the end of the file; answers the SHA-256 of all of it."""
        kids = b" ".join(b"%d 0 R" % page for page in self._pages)
        self._object(1, b"<</Type/Catalog/Pages 2 0 R>>")
        self._object(2, b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(self._pages), kids))
        start = self._at
        self._write(b"xref\n0 %d\n0000000000 65535 f\r\n" % self._next)
        for number in range(1, self._next):
            self._write(b"%010d 00000 n\r\n" % self._offsets[number])
        trailer = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
        self._write(trailer % (self._next, start))
        return self._hash.digest()

    def _object(self, number: int, body: bytes) -> None:
        self._offsets[number] = self._at
        self._write(b"%d 0 obj\n%s\nendobj\n" % (number, body))

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._hash.update(data)
        self._at += len(data)


def join(path: Path, documents: Iterable[bytes]) -> tuple[int, bytes]:
    """Write a file of all documents' pages; answers how many pages, and its SHA-256."""
    with path.open("wb") as file:
        joined = Joined(file)
        for document in documents:
            joined.add(document)
        return joined.pages, joined.finish()


def _objects(pdf: bytes) -> Iterator[tuple[int, bytes]]:
    """The objects of a file by number, each without its frame."""
    offsets = _offsets(pdf)
    for start, end in pairwise(offsets):
        head, _, body = pdf[start:end].partition(b" obj")
        number = head.split(b" ")[0]
        if not number.isdigit() or b"endobj" not in body:
            raise UnknownFormError("an object does not begin where the file says")
        yield int(number), body[: body.rindex(b"endobj")].strip(b"\r\n")


def _offsets(pdf: bytes) -> list[int]:
    """Where the objects begin, and where the last one ends."""
    found = STARTXREF.search(pdf)
    if found is None or not pdf.startswith(b"xref", int(found[1])):
        raise UnknownFormError("the file has no cross-reference table of the known form")
    table = int(found[1])
    head = SUBSECTION.search(pdf, table)
    if head is None:
        raise UnknownFormError("the cross-reference table is empty")
    first, count = head.end(), int(head[2])
    entries = (pdf[first + ENTRY_BYTES * n : first + ENTRY_BYTES * (n + 1)] for n in range(count))
    used = sorted(int(entry[:10]) for entry in entries if entry[17:18] == b"n")
    return [*used, table]


def _needed(objects: dict[int, bytes], pages: list[int]) -> list[int]:
    """The pages and everything that they are printed with, each once, pages in their order."""
    found: dict[int, None] = {}
    waiting = list(reversed(pages))
    while waiting:
        number = waiting.pop()
        if number in found:
            continue
        found[number] = None
        words = _words(_printed(objects[number]) if number in pages else objects[number])[0]
        waiting += [int(one) for one in REFERENCE.findall(words)]
    return list(found)


def _renumbered(body: bytes, numbers: dict[int, int]) -> bytes:
    words, rest = _words(body)
    return REFERENCE.sub(lambda found: b"%d 0 R" % numbers[int(found[1])], words) + rest


def _printed(body: bytes) -> bytes:
    return NOT_PRINTED.sub(b"", body)


def _words(body: bytes) -> tuple[bytes, bytes]:
    """An object's own words, and the stream that follows, whose bytes only look like words."""
    found = STREAM.search(body)
    return (body[: found.start()], body[found.start() :]) if found else (body, b"")


def _is_page(body: bytes) -> bool:
    return re.match(rb"<<\s*/Type/Page[/>\s]", body) is not None
