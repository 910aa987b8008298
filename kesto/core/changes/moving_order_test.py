"""Payers and currencies change in the order of their days; each command knows its currency."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest
from msgspec.structs import replace

from kesto.core.changes import Cancel, ChangePlan, Command, Keep
from kesto.core.changes.currency import refuse_out_of_order, shop_on
from kesto.core.history import (
    CalledOff,
    CurrencyChanged,
    QuantityChanged,
    SubscriptionEvent,
    Told,
    Transferred,
)
from kesto.core.refusals import Conflict
from tests.histories import BEGUN, GROUP, OTHER_GROUP, PAYER, SEED, SUBSCRIPTION, on
from tests.refused import refused
from tests.thursdays import shop

TODAY, NEXT_PERIOD = "2027-10-10", "2027-11-01"


def changed(day: str, currency: str = "SEK") -> CurrencyChanged:
    return CurrencyChanged(on(day), SEED, "EUR", currency, GROUP, OTHER_GROUP)


def transferred(day: str) -> Transferred:
    return Transferred(on(day), SEED, PAYER, UUID(int=9), GROUP, OTHER_GROUP)


def history(*events: SubscriptionEvent) -> list[Told]:
    return [Told(seq, SUBSCRIPTION, one) for seq, one in enumerate((BEGUN, *events))]


MOVES = [
    (changed(NEXT_PERIOD), changed),
    (changed(NEXT_PERIOD), transferred),
    (transferred(NEXT_PERIOD), changed),
]


@pytest.mark.parametrize(("told", "asked"), MOVES)
def test_payers_and_currencies_change_in_the_order_of_their_days(
    told: SubscriptionEvent, asked: Callable[[str], SubscriptionEvent]
) -> None:
    known = history(told)
    for day in (NEXT_PERIOD, "2027-11-02"):
        refuse_out_of_order(known, [asked(day)])
    too_early = (
        "moves_later",
        "on",
        "payer or currency change on 2027-11-01 already; choose that day or a later one",
    )
    quantity = QuantityChanged(on("2027-10-31"), "3")
    for events in ([asked("2027-10-31")], [quantity, asked("2027-10-31")]):
        assert refused(Conflict, partial(refuse_out_of_order, known, events)) == too_early
    refuse_out_of_order(known, [quantity])
    refuse_out_of_order([*known, Told(9, SUBSCRIPTION, CalledOff(on(TODAY), 1))], [asked(TODAY)])


def test_the_last_of_several_days_is_the_one_to_wait_for() -> None:
    known = history(changed("2027-12-01"), transferred("2027-11-01"))
    asked = [changed("2027-11-30")]
    assert refused(Conflict, lambda: refuse_out_of_order(known, asked))[2] == (
        "payer or currency change on 2027-12-01 already; choose that day or a later one"
    )


def test_payers_among_themselves_may_change_in_any_order() -> None:
    refuse_out_of_order(history(transferred(NEXT_PERIOD)), [transferred(TODAY)])
    refuse_out_of_order(history(), [transferred(TODAY), changed(TODAY)])


@pytest.mark.parametrize(
    ("command", "currency", "later"),
    [
        (Keep(), "EUR", ("SEK", "NOK")),
        (ChangePlan("other"), "EUR", ("SEK", "NOK")),
        (ChangePlan("other", on=on("2027-10-31")), "EUR", ("SEK", "NOK")),
        (ChangePlan("other", on=on("2027-11-01")), "SEK", ("NOK",)),
        (ChangePlan("other", on=on("2027-11-30")), "SEK", ("NOK",)),
        (ChangePlan("other", on=on("2027-12-01")), "NOK", ()),
        (Cancel(), "EUR", ("SEK", "NOK")),
        (Cancel(last_day=on("2027-11-30")), "SEK", ("NOK",)),
        (Cancel(last_day=on("2027-12-31")), "NOK", ()),
    ],
)
def test_a_command_is_decided_in_the_currency_of_its_day(
    command: Command, currency: str, later: tuple[str, ...]
) -> None:
    second = replace(changed("2027-12-01", "NOK"), from_currency="SEK")
    known = history(QuantityChanged(on(TODAY), "3"), changed("2027-11-01"), second)
    now = replace(shop(TODAY), currency="NOK")  # the group's, after all changes
    assert shop_on(known, command, now) == replace(now, currency=currency, later=later)
