"""What one value of a file may be: each check takes the text as written and gives the value.

Each raises `Invalid` with a sentence that says what to write instead; the reader adds the place.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from kesto import countries
from kesto.adapters.files.country_codes import COUNTRY_CODES
from kesto.core import money
from kesto.core.refusals import Invalid

LANGUAGES = ("fi", "sv", "en")
"""The languages that Kesto writes to customers in."""

LONGEST_TEXT = 200
LONGEST_SHOWN = 60
LONGEST_EMAIL, LONGEST_LOCAL_PART = 254, 64
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN_LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{3,28}")
_QUANTITY = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?")
_WHOLE = re.compile(r"[0-9]{1,6}")


def shown(value: object) -> str:
    """A value as it may be repeated to a person: on one line, short, nothing invisible."""
    return f'"{visible(str(value), LONGEST_SHOWN)}"'


def visible(text: str, longest: int) -> str:
    """Text cut to a length, with a sign in place of what can't be seen."""
    cut = text if len(text) <= longest else f"{text[:longest]}..."
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", cut)


def tidied(text: str) -> str:
    """Text without spaces around it, accents put together in the one usual way."""
    return unicodedata.normalize("NFC", text.strip())


def printable(text: str) -> str:
    """Text on one line without anything invisible."""
    if _CONTROL.search(text):
        raise Invalid("has a control character or a line break; remove it")
    return text


def words(text: str) -> str:
    """A name or note of a usual length."""
    if len(text) > LONGEST_TEXT:
        raise Invalid(f"has {len(text)} characters; at most {LONGEST_TEXT} are kept")
    return text


def code(text: str) -> str:
    """A code or number of the merchant's own."""
    if _CODE.fullmatch(text) is None:
        raise Invalid(
            f"{shown(text)} is no code: letters a-z, digits, dot, hyphen and underscore, "
            "at most 64, the first a letter or digit"
        )
    return text


def codes(text: str) -> tuple[str, ...]:
    """Several codes with a bar between them, none twice."""
    found = tuple(code(part.strip()) for part in text.split("|"))
    if len(set(found)) < len(found):
        raise Invalid(f"{shown(text)} names a code twice")
    return found


def choice(*known: str) -> Callable[[str], Any]:
    """A check for one of a few words, such as those of a `Literal`."""

    def check(text: str) -> str:
        if text not in known:
            raise Invalid(f"{shown(text)} is unknown; write one of: {', '.join(known)}")
        return text

    return check


def yes_or_no(text: str) -> bool:
    """A cell of yes or no."""
    return bool(choice("yes", "no")(text) == "yes")


def currency(text: str) -> str:
    """A currency by its three letters."""
    money.digits(text)
    return text


def tax_category(text: str) -> str:
    """A VAT category that some country has."""
    known = _tax_categories()
    if text not in known:
        raise Invalid(f"{shown(text)} is no VAT category; known: {', '.join(known)}")
    return text


def country(text: str) -> str:
    """A country by its two letters (ISO 3166-1)."""
    if text not in COUNTRY_CODES:
        raise Invalid(f"{shown(text)} is no country; write its two letters, such as FI")
    return text


def zone(text: str) -> str:
    """A time zone by its name in the tz database."""
    if text not in _zones():
        raise Invalid(f"{shown(text)} is no time zone; write a name such as Europe/Helsinki")
    return text


def email(text: str) -> str:
    """An address that mail could be sent to; whether somebody reads it only mail itself shows."""
    local, _, domain = text.rpartition("@")
    labels = domain.split(".")
    is_possible = (
        len(text) <= LONGEST_EMAIL
        and len(local) <= LONGEST_LOCAL_PART
        and _LOCAL_PART.fullmatch(local) is not None
        and len(labels) > 1
        and all(_DOMAIN_LABEL.fullmatch(label) for label in labels)
        and len(labels[-1]) > 1
        and not labels[-1].isdecimal()
    )
    if not is_possible:
        raise Invalid(f"{shown(text)} is no e-mail address; write one such as name@example.com")
    return text


def phone(text: str) -> str:
    """A telephone number as people write it."""
    if _PHONE.fullmatch(text) is None:
        raise Invalid(f"{shown(text)} is no telephone number; write one such as +358 40 1234567")
    return text


def day(text: str) -> date:
    """A date as year-month-day."""
    if _DAY.fullmatch(text) is not None:
        try:
            found = date.fromisoformat(text)
        except ValueError:
            raise Invalid(f"{shown(text)} is not in the calendar") from None
        if FIRST_DAY <= found <= LAST_DAY:
            return found
        raise Invalid(f"{shown(text)} is not between {FIRST_DAY} and {LAST_DAY}")
    raise Invalid(f"{shown(text)} is no date; write it as 2026-11-30")


def moment(text: str) -> datetime:
    """An instant as day and time, in UTC unless it says otherwise."""
    if _MOMENT.fullmatch(text) is None:
        raise Invalid(f"{shown(text)} is no moment; write it as 2026-12-01T06:00, which is in UTC")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(f"{shown(text)} is not in the calendar") from None
    day(found.date().isoformat())
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def quantity(text: str) -> Decimal:
    """How many or how much, never below zero, with at most 12 decimals."""
    if text.startswith("-"):
        raise Invalid(f"{shown(text)} is below zero; a quantity is zero or more")
    if _QUANTITY.fullmatch(text) is None:
        raise Invalid(
            f"{shown(text)} is no quantity; write digits with a decimal point, such as 1.5"
        )
    return Decimal(text)


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    """A check for a whole number in a range."""

    def check(text: str) -> int:
        if _WHOLE.fullmatch(text) is None or not lowest <= int(text) <= highest:
            raise Invalid(f"{shown(text)} is no whole number from {lowest} to {highest}")
        return int(text)

    return check


@cache
def _tax_categories() -> tuple[str, ...]:
    rates = (rate for code in countries.COUNTRIES for rate in countries.country(code).vat)
    return tuple(dict.fromkeys(rate.category for rate in rates))


@cache
def _zones() -> set[str]:
    return available_timezones()
