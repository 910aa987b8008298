"""What is wrong with a file that came in: all of it at once, each with file, line and field."""

from collections.abc import Sequence
from difflib import get_close_matches

from msgspec import Struct

from kesto.adapters.files.checks import visible
from kesto.core.refusals import Invalid

MOST_ERRORS = 1000
"""Reading stops here: a longer list means another kind of file altogether."""

LONGEST_FIELD, LONGEST_DETAIL = 200, 500


class FileError(Struct, frozen=True):
    """One thing wrong, in which line (counted from 1) and field (empty when it is none)."""

    file: str
    line: int
    field: str
    detail: str

    def __str__(self) -> str:
        """One line for a person."""
        where = f"{self.file}, line {self.line}"
        return f"{where}, {self.field}: {self.detail}" if self.field else f"{where}: {self.detail}"


class InvalidFile(Invalid):
    """A file that is refused whole; `errors` lists everything wrong with it, by line."""

    default_code = "invalid_file"

    def __init__(self, errors: Sequence[FileError]) -> None:
        self.errors = tuple(sorted(errors, key=lambda error: error.line))
        first, others = self.errors[0], len(self.errors) - 1
        more = f" (and {others} more)" if others else ""
        super().__init__(f"{first}{more}", field=first.field)


class Findings:
    """Collects what is wrong while a file is read, and refuses the file at the end."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.errors: list[FileError] = []

    def add(self, line: int, field: str, detail: str) -> None:
        """Note one thing wrong and read on, until there are too many."""
        field, detail = visible(field, LONGEST_FIELD), visible(detail, LONGEST_DETAIL)
        self.errors.append(FileError(self.file, line, field, detail))
        if len(self.errors) == MOST_ERRORS:
            detail = f"reading stopped here: {MOST_ERRORS} errors"
            self.errors.append(FileError(self.file, line, "", detail))
            self.refuse_if_any()

    def refuse_if_any(self) -> None:
        """Refuse the file when anything was wrong with it."""
        if self.errors:
            raise InvalidFile(self.errors)


def decoded(data: bytes, findings: Findings, largest_bytes: int) -> str:
    """The text of a file in UTF-8, with or without a byte order mark; its size is checked first."""
    if len(data) > largest_bytes:
        megabytes = largest_bytes // 1_000_000
        findings.add(1, "", f"the file is larger than {megabytes} MB; split it")
    else:
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            findings.add(line, "", "this is not UTF-8; save the file as UTF-8 and try again")
    raise InvalidFile(findings.errors)


def unknown_field(name: str, known: Sequence[str]) -> str:
    """What to say about a field that nobody knows."""
    close = get_close_matches(name, known, n=1)
    return f"is an unknown field; did you mean {close[0]}?" if close else "is an unknown field"
