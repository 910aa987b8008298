"""Each kind of event has its words in each language."""

from datetime import date
from decimal import Decimal
from typing import get_args
from uuid import UUID

import pytest

from kesto.core.cancellation import CancellationRule
from kesto.core.history import (
    AddOnAdded,
    AddOnRemoved,
    AddressChanged,
    BillingDayChanged,
    CalledOff,
    Cancelled,
    CurrencyChanged,
    DeliverySkipped,
    DeliveryUnskipped,
    DiscountEnded,
    DiscountGiven,
    ExtraAdded,
    ItemStart,
    Paused,
    PlanChanged,
    QuantityChanged,
    Renewed,
    Resumed,
    Subscribed,
    SubscriptionEvent,
    Told,
    Transferred,
    Withdrawn,
    ZoneChanged,
)
from kesto.words import LANGUAGES
from kesto.words.changes import Known, ending, happenings, sentence
from kesto.words.tongue import Tongue

ON = date(2026, 11, 4)
PLUS, SAFETY, LINE, VEIKKO = (UUID(int=n) for n in range(1, 5))
KNOWN = Known(
    sold={PLUS: {"en": "Plus"}, SAFETY: {"en": "Safety"}},
    add_ons={"safety": {"en": "Safety"}},
    products={LINE: {"en": "Line"}},
    people={VEIKKO: "Veikko"},
)
PLAN = ItemStart(UUID(int=9), PLUS, "plan", "1", "plus")
SEATS = ItemStart(UUID(int=9), PLUS, "plan", "5", "plus")
ADD_ON = ItemStart(UUID(int=8), SAFETY, "add_on", "1", "safety")
ENGLISH = Tongue("en", "EUR")
GIVEN = DiscountGiven(ON, UUID(int=7), UUID(int=6), "WINTER", 1, "EUR", percent=Decimal(20))
SAID: list[tuple[SubscriptionEvent, str]] = [
    (Subscribed(ON, "anniversary", (PLAN, ADD_ON)), "Begins: Plus, Safety"),
    (
        Subscribed(ON, "anniversary", (SEATS,), end_on=date(2027, 1, 1)),
        "Begins: 5 × Plus, last day 31 December 2026",
    ),
    (PlanChanged(ON, (PLAN,)), "Plan: Plus"),
    (PlanChanged(ON, (SEATS,), keeps_quantity=False), "Plan: Plus, quantity 5"),
    (PlanChanged(ON, (PLAN,), is_migration=True), "Plan: Plus, changed by the seller"),
    (PlanChanged(ON, (PLAN,), dropped=("safety",)), "Plan: Plus. Ends with it: Safety"),
    (QuantityChanged(ON, "5"), "Quantity: 5"),
    (QuantityChanged(ON, "2", "safety"), "Quantity of Safety: 2"),
    (AddOnAdded(ON, ADD_ON), "Add-on Safety begins"),
    (AddOnRemoved(ON, "safety"), "Add-on Safety ends"),
    (Paused(ON), "Paused until it is resumed"),
    (
        Paused(ON, date(2027, 2, 3), Decimal(50)),
        "Paused, goes on 3 February 2027; costs 50% meanwhile",
    ),
    (Resumed(ON), "The pause ends"),
    (Cancelled(ON, ON), "Cancelled, last day 3 November 2026"),
    (Withdrawn(ON), "Withdrawn from; days used are paid"),
    (Withdrawn(ON, pays_for_use=False), "Withdrawn from; nothing is owed"),
    (Renewed(ON, 12), "Renewed for 12 months"),
    (Renewed(ON), "Goes on until further notice"),
    (Transferred(ON, *[VEIKKO] * 5), "Another payer: Veikko"),
    (
        CurrencyChanged(ON, VEIKKO, "EUR", "SEK", VEIKKO, VEIKKO),
        "Another currency: SEK in place of EUR",
    ),
    (BillingDayChanged(ON, "anniversary"), "Billing periods begin on this day"),
    (BillingDayChanged(ON, "calendar"), "Billing periods: calendar months"),
    (BillingDayChanged(ON, "billing_day", 15), "Billing periods begin on day 15 of the month"),
    (
        BillingDayChanged(ON, "anchor", anchor=ON),
        "Billing periods are counted from 4 November 2026",
    ),
    (ZoneChanged(ON, "Europe/Helsinki"), "Time zone: Europe/Helsinki"),
    (GIVEN, "Discount WINTER: 20% until further notice"),
    (
        DiscountGiven(
            *(ON, UUID(int=5), UUID(int=6), "FIVE", 2, "EUR", date(2027, 2, 4)), amount_minor=500
        ),
        "Discount FIVE: €5.00 until 3 February 2027",
    ),
    (DiscountEnded(ON, GIVEN.discount_id), "Discount WINTER ends"),
    (ExtraAdded(ON, UUID(int=5), LINE, Decimal(15)), "Once: Line, €15.00"),
    (
        ExtraAdded(ON, UUID(int=5), LINE, Decimal(15), reason="early_termination"),
        "For leaving early: €15.00",
    ),
    (DeliverySkipped(ON), "No delivery on 4 November 2026"),
    (DeliveryUnskipped(ON), "Delivery after all on 4 November 2026"),
    (AddressChanged(ON, VEIKKO), "Deliveries go to another address"),
    (AddressChanged(ON), "Deliveries go to the own address"),
    (CalledOff(ON, 1), "Called off: Discount WINTER: 20% until further notice"),
]


@pytest.mark.parametrize(("event", "said"), SAID)
def test_an_event_in_english(event: SubscriptionEvent, said: str) -> None:
    assert sentence(event, KNOWN, ENGLISH, {1: GIVEN}).replace("\N{NO-BREAK SPACE}", " ") == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_event_has_words(language: str) -> None:
    told = {type(event) for event, _ in SAID}
    assert told == set(get_args(SubscriptionEvent))
    found = [sentence(event, KNOWN, Tongue(language, "EUR"), {1: GIVEN}) for event, _ in SAID]
    assert len(set(found)) == len(SAID)
    assert not any("{" in one for one in found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_that_gives_a_last_day_has_words(language: str) -> None:
    for rule in (*get_args(CancellationRule), "waived", "leaves_early"):
        assert ending(rule, Tongue(language, "EUR")).endswith(".")
    assert ending("odd", Tongue(language, "EUR")) == ""


def test_what_was_called_off_says_so() -> None:
    notice = Cancelled(ON, ON, "statutory_notice", "moving")
    told = [Told(1, PLUS, notice), Told(2, PLUS, CalledOff(ON, 1))]
    first, second = happenings(told, KNOWN, ENGLISH)
    assert first.is_called_off
    assert first.why == "The law lets a consumer leave by this day at the latest. moving"
    assert not second.is_called_off
    assert second.text.startswith("Called off: Cancelled")
