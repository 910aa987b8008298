"""A table of a TOML file, read key by key; everything wrong is noted with its line."""

import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import TypeVar

from kesto.adapters.files.checks import day, printable, shown, tidied
from kesto.adapters.files.errors import Findings, InvalidFile, decoded, unknown_field
from kesto.adapters.files.toml_lines import Path, line_of, toml_lines
from kesto.core.refusals import Invalid

Value = TypeVar("Value")

_LINE_IN_ERROR = re.compile(r"\(at line (\d+)")


class TomlTable:
    """One table: each key is asked for once, `finish` refuses the keys that nobody asked for."""

    def __init__(
        self, content: Mapping[str, object], path: Path, lines: dict[Path, int], findings: Findings
    ) -> None:
        self.content = content
        self.path = path
        self.lines = lines
        self.findings = findings
        self.asked: list[str] = []

    @property
    def line(self) -> int:
        """The line at which the table begins."""
        return line_of(self.lines, self.path)

    def error(self, key: Path, detail: str) -> None:
        """Note what is wrong with the value at a path below this table."""
        path = (*self.path, *key)
        self.findings.add(line_of(self.lines, path), field_name(path), detail)

    def value(self, key: str, *, required: bool = False) -> object:
        """The value at a key as it is; None when it is missing. JSON's null is no value."""
        self.asked.append(key)
        value = self.content.get(key)
        if key in self.content and value is None:
            self.error((key,), "is null; give it a value, or leave it out")
        elif value is None and required:
            self.error((key,), "is missing")
        return value

    def text(
        self, key: str, check: Callable[[str], Value], fallback: Value, *, required: bool = False
    ) -> Value:
        """The text at a key, checked; the fallback when it is missing or wrong."""
        value = self.value(key, required=required)
        if value is None:
            return fallback
        if not isinstance(value, str) or not value.strip():
            self.error((key,), "must be a text in quotes that isn't empty")
            return fallback
        try:
            return check(printable(tidied(value)))
        except Invalid as invalid:
            self.error((key,), invalid.detail)
            return fallback

    def texts(self, key: str, check: Callable[[str], str]) -> tuple[str, ...]:
        """The list of texts at a key, each checked; empty when it is missing or wrong."""
        value = self.value(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            self.error((key,), 'must be a list of texts, such as ["basic", "plus"]')
            return ()
        if not value:
            self.error((key,), "is empty; name something, or leave it out")
        for position, entry in enumerate(value):
            try:
                check(printable(entry))
            except Invalid as invalid:
                self.error((key, position), invalid.detail)
        return tuple(value)

    def boolean(self, key: str, *, required: bool = False) -> bool:
        """The true or false at a key."""
        value = self.value(key, required=required)
        if value is not None and not isinstance(value, bool):
            self.error((key,), "must be true or false, without quotes")
        return value is True

    def whole(self, key: str, lowest: int, highest: int, fallback: int) -> int:
        """The whole number at a key, in a range."""
        value = self.value(key)
        if value is None:
            return fallback
        if type(value) is int and lowest <= value <= highest:
            return value
        self.error((key,), f"must be a whole number from {lowest} to {highest}, without quotes")
        return fallback

    def day(self, key: str) -> date | None:
        """The date at a key, with quotes or without."""
        value = self.value(key)
        if value is None:
            return None
        try:
            return day(value.isoformat() if isinstance(value, date) else str(value))
        except Invalid as invalid:
            self.error((key,), invalid.detail)
            return None

    def table(self, key: str) -> "TomlTable | None":
        """The table at a key, which must be there."""
        value = self.value(key, required=True)
        if isinstance(value, dict):
            return TomlTable(value, (*self.path, key), self.lines, self.findings)
        if value is not None:
            self.error((key,), 'must be a table, such as { en = "Basic" }')
        return None

    def tables(self, key: str, *, required: bool = False) -> list["TomlTable"]:
        """The list of tables at a key."""
        value = self.value(key, required=required)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            name = re.sub(r"\[\d+\]", "", field_name((*self.path, key)))
            self.error((key,), f"must be a list of tables, each opened by [[{name}]]")
            return []
        path = (*self.path, key)
        return [
            TomlTable(entry, (*path, position), self.lines, self.findings)
            for position, entry in enumerate(value)
        ]

    def rest(self) -> dict[str, object]:
        """All that nobody asked for yet, to be judged by somebody else."""
        rest = {key: value for key, value in self.content.items() if key not in self.asked}
        self.asked.extend(rest)
        return rest

    def finish(self) -> None:
        """Refuse the keys that nobody asked for, so a misspelt one never goes unnoticed."""
        for key in self.content:
            if key not in self.asked:
                self.error((key,), unknown_field(key, self.asked))


def read_toml(data: bytes, findings: Findings, largest_bytes: int) -> TomlTable:
    """The document as one table; decimal numbers keep every digit that was written."""
    text = decoded(data, findings, largest_bytes)
    try:
        return TomlTable(tomllib.loads(text, parse_float=Decimal), (), toml_lines(text), findings)
    except RecursionError:
        findings.add(1, "", "tables or lists are nested too deeply")
    except ValueError as error:  # what tomllib refuses, and numbers of thousands of digits
        found = _LINE_IN_ERROR.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        findings.add(line, "", f"this is not TOML: {shown(error)}")
    raise InvalidFile(findings.errors)


def field_name(path: Path) -> str:
    """A path as people write it: plans[0].prices[1].amount."""
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return name.removeprefix(".")


def path_of(field: str) -> Path:
    """The path that a field name stands for."""
    parts = re.findall(r"\[([0-9]{1,9})\]|([^.\[\]]+)", field)
    return tuple(int(position) if position else key for position, key in parts)
