from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kesto.core.changes import AddExtra, CallOff, Cancel, ChangePlan, ChangeQuantity, Command, Pause
from kesto.core.changes.checks import check_command, check_events
from kesto.core.history import Renewed
from kesto.core.refusals import Invalid

UNCOUNTABLE = ("NaN", "sNaN", "-NaN", "Infinity", "-Infinity", "1e-300", "1e300", "1e999999")
TOO_LONG = ("0.1234567890123", "1234567890123456789012345", "1e24")


def refused(command: Command) -> tuple[str, str]:
    with pytest.raises(Invalid) as caught:
        check_command(command)
    return caught.value.code, caught.value.field


@pytest.mark.parametrize("text", [*UNCOUNTABLE, *TOO_LONG])
def test_no_number_that_billing_could_not_count_with(text: str) -> None:
    number = Decimal(text)
    assert refused(AddExtra("line", number)) == ("bad_decimal", "unit_amount")
    assert refused(Pause(percent=number)) == ("bad_decimal", "percent")
    assert refused(ChangeQuantity(number)) == ("bad_decimal", "quantity")


@pytest.mark.parametrize("text", ["0", "-0.000000000001", "1e3", "999999999999.123456789012"])
def test_other_numbers_are_fine(text: str) -> None:
    check_command(AddExtra("line", Decimal(text)))


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1899, 12, 31), date(2201, 1, 1), date.max])
def test_no_day_so_far_away_that_no_period_is_left(day: date) -> None:
    assert refused(Cancel(last_day=day)) == ("bad_date", "last_day")
    assert refused(Pause(until=day)) == ("bad_date", "until")


@pytest.mark.parametrize("text", ["a\nb", "\0", "\x7f", "\u2028", "\u202e", "a" * 201])
def test_no_text_that_could_not_be_printed(text: str) -> None:
    assert refused(Cancel(reason=text)) == ("bad_text", "reason")
    assert refused(ChangePlan(text)) == ("bad_text", "plan")
    assert refused(AddExtra("line", Decimal(1), texts={"en": text})) == ("bad_text", "texts.en")
    assert refused(AddExtra("line", Decimal(1), texts={text: "Work"})) == ("bad_text", "texts")


def test_no_more_texts_than_there_are_languages() -> None:
    texts: Any = {f"x{place}": "Work" for place in range(21)}
    assert refused(AddExtra("line", Decimal(1), texts=texts)) == ("bad_text", "texts")


def test_no_number_beyond_what_is_stored() -> None:
    assert refused(CallOff(2**63)) == ("bad_count", "event")


def test_no_effect_beyond_the_calendar() -> None:
    check_events([Renewed(date(2200, 12, 31), 12)])
    with pytest.raises(Invalid) as caught:
        check_events([Renewed(date(2201, 1, 1), 12)])
    assert (caught.value.code, caught.value.field) == ("bad_date", "on")


MANY: Any = {f"x{place}": "Work" for place in range(21)}
DAYS = "a day lies from 1900-01-01 to 2200-12-31"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (Pause(percent=Decimal("1e300")), "is a number of at most 24 digits, 12 of them decimals"),
        (Pause(until=date(2201, 1, 1)), DAYS),
        (Cancel(reason="a" * 201), "has at most 200 characters"),
        (Cancel(reason="\n"), "is a text on one line without control characters"),
        (CallOff(2**63), "is too large a number"),
        (CallOff(-(2**63)), "is too large a number"),
        (AddExtra("line", Decimal(1), texts=MANY), "has at most 20 texts"),
    ],
)
def test_a_refusal_says_what_would_do(command: Command, told: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_command(command)
    assert caught.value.detail == told


def test_what_takes_effect_too_far_away_says_when() -> None:
    with pytest.raises(Invalid) as caught:
        check_events([Renewed(date(2201, 1, 1), 12)])
    assert caught.value.detail == f"it would take effect on 2201-01-01; {DAYS}"
    check_events([Renewed(date(1900, 1, 1), 12)])


@pytest.mark.parametrize(
    "command",
    [
        AddExtra("line", Decimal("1" * 24)),
        AddExtra("line", Decimal("9" * 12 + "." + "9" * 12)),
        Pause(on=date(1900, 1, 1), until=date(2200, 12, 31)),
        Cancel(reason="a" * 200),
        CallOff(2**63 - 1),
        AddExtra("line", Decimal(1), texts={name: MANY[name] for name in list(MANY)[:20]}),
    ],
)
def test_at_the_limit_everything_is_fine(command: Command) -> None:
    check_command(command)


def test_no_more_digits_than_are_stored() -> None:
    number = Decimal("9" * 13 + "." + "9" * 12)
    assert refused(AddExtra("line", number)) == ("bad_decimal", "unit_amount")
