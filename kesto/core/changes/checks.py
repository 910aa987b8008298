"""What no command may carry: values that nothing later could count with, sort or print."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from kesto.core.changes.command import Command
from kesto.core.history import SubscriptionEvent
from kesto.core.refusals import Invalid

EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)
LARGEST_COUNT = 2**63
LONGEST_TEXT = 200
MOST_DIGITS, MOST_DECIMALS = 24, 12
MOST_TEXTS = 20

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def check_command(command: Command) -> None:
    """Refuse a command with a value that would make billing fail one day. Raises Invalid."""
    for field in command.__struct_fields__:
        _check(field, getattr(command, field))


def check_events(events: Sequence[SubscriptionEvent]) -> None:
    """Refuse what would take effect so far away that calendars end. Raises Invalid."""
    for event in events:
        if not EARLIEST <= event.on <= LATEST:
            raise Invalid(
                f"it would take effect on {event.on}; a day lies from {EARLIEST} to {LATEST}",
                code="bad_date",
                field="on",
            )


def _check(field: str, value: object) -> None:
    match value:
        case Decimal():
            _check_decimal(field, value)
        case date():
            if not EARLIEST <= value <= LATEST:
                raise Invalid(
                    f"a day lies from {EARLIEST} to {LATEST}", code="bad_date", field=field
                )
        case str():
            _check_text(field, value)
        case int() if not -LARGEST_COUNT < value < LARGEST_COUNT:
            raise Invalid("is too large a number", code="bad_count", field=field)
        case dict():
            if len(value) > MOST_TEXTS:
                raise Invalid(f"has at most {MOST_TEXTS} texts", code="bad_text", field=field)
            for name, text in value.items():
                _check_text(field, name)
                _check(f"{field}.{name}", text)


def _check_decimal(field: str, value: Decimal) -> None:
    _, digits, exponent = value.as_tuple()
    if isinstance(exponent, int):
        whole = max(len(digits) + exponent, 0)
        if -exponent <= MOST_DECIMALS and whole + max(-exponent, 0) <= MOST_DIGITS:
            return
    raise Invalid(
        f"is a number of at most {MOST_DIGITS} digits, {MOST_DECIMALS} of them decimals",
        code="bad_decimal",
        field=field,
    )


def _check_text(field: str, text: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise Invalid(f"has at most {LONGEST_TEXT} characters", code="bad_text", field=field)
    if _CONTROL.search(text):
        raise Invalid(
            "is a text on one line without control characters", code="bad_text", field=field
        )
