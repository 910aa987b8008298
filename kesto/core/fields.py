"""Plain mappings as they come from JSON or TOML, read field by field and refused by name."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NoReturn, TypeVar

from kesto.core.refusals import Invalid

DECIMAL = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,12})?")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LARGEST_COUNT = 1_000_000_000


Word = TypeVar("Word", bound=str)


class Fields:
    """The fields of one object, what nobody asked for is refused at the end.

    `path` is where the object stands in what was sent, so that a refusal names `tiers[1].up_to`.
    A field that is null counts as absent.
    """

    def __init__(self, values: object, path: str = "") -> None:
        self.path = path
        if not isinstance(values, Mapping):
            self._refuse("not_an_object", path, "must be an object with named fields")
        self._values = {str(name): value for name, value in values.items()}
        self._asked: list[str] = []

    def has(self, name: str) -> bool:
        """Tell whether a field is given."""
        return self.plain(name) is not None

    def plain(self, name: str) -> object:
        """Return a field as it is, None when absent."""
        self._asked.append(name)
        return self._values.get(name)

    def require(self, name: str) -> object:
        """Return a field as it is; it must be there."""
        value = self.plain(name)
        if value is None:
            self.refuse("missing", name, "is missing")
        return value

    def optional_decimal(self, name: str, *, is_signed: bool = False) -> Decimal | None:
        """Return a decimal, or None when absent; below zero only when signed."""
        return self.decimal(name, is_signed=is_signed) if self.has(name) else None

    def decimal(
        self, name: str, default: Decimal | None = None, *, is_signed: bool = False
    ) -> Decimal:
        """Return a decimal of at most 15 and 12 digits, written as a string or a whole number."""
        if default is not None and not self.has(name):
            return default
        return self._number(self.require(name), name, is_signed=is_signed)

    def decimals(self, name: str, *, is_signed: bool = False) -> tuple[Decimal, ...]:
        """Return the decimals of a list."""
        return tuple(
            self._number(item, f"{name}[{place}]", is_signed=is_signed)
            for place, item in enumerate(self.items(name))
        )

    def positive(self, name: str, default: Decimal | None = None) -> Decimal:
        """Return a decimal above zero."""
        number = self.decimal(name, default)
        if number == 0:
            self.refuse("not_positive", name, "must be above zero")
        return number

    def optional_positive(self, name: str) -> Decimal | None:
        """Return a decimal above zero, or None when absent."""
        return self.positive(name) if self.has(name) else None

    def count(self, name: str, default: int | None = None, *, least: int = 0) -> int:
        """Return a whole number."""
        if default is not None and not self.has(name):
            return default
        value = self.require(name)
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse("bad_count", name, "must be a whole number")
        if not least <= value <= LARGEST_COUNT:
            self.refuse("bad_count", name, f"must be from {least} to {LARGEST_COUNT}")
        return value

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text that is not empty."""
        if default is not None and not self.has(name):
            return default
        value = self.require(name)
        if not isinstance(value, str) or not value:
            self.refuse("bad_text", name, "must be a text")
        return value

    def choice(self, name: str, choices: Sequence[Word], default: Word | None = None) -> Word:
        """Return one of a few words."""
        value = self.text(name, default)
        found = next((known for known in choices if value == known), None)
        if found is None:
            self.refuse("bad_choice", name, f"must be one of {', '.join(choices)}")
        return found

    def flag(self, name: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self.plain(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.refuse("bad_flag", name, "must be true or false")
        return value

    def section(self, name: str) -> "Fields":
        """Return the fields of an object inside this one."""
        return Fields(self.require(name), self.at(name))

    def optional_section(self, name: str) -> "Fields | None":
        """Return the fields of an object inside this one, or None when absent."""
        return self.section(name) if self.has(name) else None

    def sections(self, name: str) -> list["Fields"]:
        """Return the fields of each object in a list."""
        return [
            Fields(item, f"{self.at(name)}[{index}]") for index, item in enumerate(self.items(name))
        ]

    def items(self, name: str) -> Sequence[object]:
        """Return the entries of a list."""
        value = self.require(name)
        if not isinstance(value, list | tuple):
            self.refuse("not_a_list", name, "must be a list")
        return value

    def date(self, name: str) -> date:
        """Return a date, written `YYYY-MM-DD`."""
        value = self.require(name)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        text = value if isinstance(value, str) and DATE.fullmatch(value) else ""
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.refuse("bad_date", name, "must be a date, written YYYY-MM-DD")

    def close(self) -> None:
        """Refuse what nobody read, so that a misspelt field never changes a price silently."""
        for name in self._values:
            if name not in self._asked:
                known = ", ".join(dict.fromkeys(self._asked))
                self.refuse("unknown_field", name, f"is not a field here; known: {known}")

    def names(self) -> tuple[str, ...]:
        """Return the names of all fields, where they are the sender's own choice."""
        return tuple(self._values)

    def at(self, name: str) -> str:
        """Return the full path of a field."""
        return f"{self.path}.{name}" if self.path else name

    def refuse(self, code: str, name: str, reason: str) -> NoReturn:
        """Refuse a field of this object by its full path."""
        self._refuse(code, self.at(name), reason)

    def _number(self, value: object, name: str, *, is_signed: bool) -> Decimal:
        is_written_exactly = isinstance(value, str | int | Decimal) and not isinstance(value, bool)
        text = format(value, "f") if isinstance(value, Decimal) else str(value)
        if not is_written_exactly or DECIMAL.fullmatch(text) is None:
            self.refuse(
                "bad_decimal",
                name,
                'must be a decimal number as a string, such as "12.50", '
                "of at most 15 digits before and 12 after the point",
            )
        number = Decimal(text)
        if number < 0 and not is_signed:
            self.refuse("negative", name, "may not be negative")
        return number

    def _refuse(self, code: str, path: str, reason: str) -> NoReturn:
        raise Invalid(f"{path or 'the input'} {reason}", code=code, field=path)
