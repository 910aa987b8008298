"""Deliveries that are skipped, come after all, or go elsewhere: until when, how often, to whom."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from kesto.core.calendar import Interval
from kesto.core.catalog import DeliverySchedule, Skipping
from kesto.core.changes import ChangeAddress, Shop, SkipDelivery, UnskipDelivery
from kesto.core.changes.delivery import (
    change_address,
    check_address,
    skip_delivery,
    unskip_delivery,
)
from kesto.core.history import (
    AddressChanged,
    DeliverySkipped,
    DeliveryUnskipped,
    PlanChanged,
    SubscriptionEvent,
)
from kesto.core.life import Life
from kesto.core.refusals import Conflict, Invalid, NotAllowed, NotFound
from tests.histories import BEGUN, PLUS, lived, on, plan_item
from tests.refused import refused

# Thursdays from 7 October on; that of the 14th can be changed through the 11th.
WEEKLY = DeliverySchedule(Interval("week"), 4, cut_off_days=3, skipping="credited", most_skips=2)
THURSDAY, LAST_DAY, TOO_LATE = "2027-10-14", "2027-10-11", "2027-10-12"
SKIPPED = DeliverySkipped(on(THURSDAY))
NEW, OLD, OTHER = UUID(int=900), UUID(int=901), UUID(int=902)
AINO = ChangeAddress(name="Aino", street="Katu 1", postal_code="00100", city="Helsinki")
NAMED = ChangeAddress(address=f"adr_{OLD.hex}")


def boxed(*events: SubscriptionEvent, **schedule: Any) -> Life:
    """A life with a delivery each Thursday, or as a schedule says that is a little different."""
    item = plan_item(delivery=replace(WEEKLY, **schedule))
    return lived(*events, begun=replace(BEGUN, items=(item,)))


def shop(today: str = LAST_DAY, **more: Any) -> Shop:
    nothing: dict[str, Any] = {}
    return Shop(on(today), "EUR", True, nothing, nothing, nothing, nothing, lambda: NEW, **more)


def skips(life: Life, today: str = LAST_DAY, *, waives: bool = False, **more: Any) -> object:
    command = SkipDelivery(on(THURSDAY), waives_terms=waives)
    return skip_delivery(life, command, shop(today, **more))


def unskips(life: Life, today: str = LAST_DAY, *, waives: bool = False, **more: Any) -> object:
    command = UnskipDelivery(on(THURSDAY), waives_terms=waives)
    return unskip_delivery(life, command, shop(today, **more))


@pytest.mark.parametrize("is_staff", [True, False])
@pytest.mark.parametrize("today", ["2027-09-20", "2027-10-10", LAST_DAY])
def test_until_its_cut_off_a_delivery_is_skipped_or_comes_after_all(
    today: str, *, is_staff: bool
) -> None:
    assert skips(boxed(), today, is_staff=is_staff) == [SKIPPED]
    assert unskips(boxed(SKIPPED), today, is_staff=is_staff) == [DeliveryUnskipped(on(THURSDAY))]


@pytest.mark.parametrize("today", [TOO_LATE, THURSDAY, "2027-10-15"])
def test_after_its_cut_off_a_delivery_stays_as_it_is(today: str) -> None:
    late = ("cut_off", "on", "the delivery of 2027-10-14 could be changed until 2027-10-11")
    assert refused(NotAllowed, lambda: skips(boxed(), today)) == late
    assert refused(NotAllowed, lambda: unskips(boxed(SKIPPED), today)) == late


@pytest.mark.parametrize("day", ["2027-09-30", "2027-10-13", "2027-10-15"])
def test_on_other_days_nothing_comes_that_could_be_skipped(day: str) -> None:
    nothing = ("no_delivery", "on", f"nothing is delivered on {day}")
    skip, unskip = SkipDelivery(on(day)), UnskipDelivery(on(day))
    assert refused(NotFound, lambda: skip_delivery(boxed(), skip, shop())) == nothing
    assert refused(NotFound, lambda: unskip_delivery(boxed(), unskip, shop())) == nothing


def test_what_left_already_can_be_changed_by_nobody() -> None:
    left = ("already_sent", "on", "the delivery of 2027-10-14 left already")
    sent = frozenset({on(THURSDAY)})
    assert refused(NotAllowed, lambda: skips(boxed(), sent=sent, waives=True)) == left
    assert refused(NotAllowed, lambda: unskips(boxed(SKIPPED), sent=sent, waives=True)) == left
    assert skips(boxed(), sent=frozenset({on("2027-10-07")}))


@pytest.mark.parametrize("waives", [True, False])
def test_a_delivery_is_skipped_once_and_comes_after_all_once(*, waives: bool) -> None:
    assert refused(Conflict, lambda: skips(boxed(SKIPPED), TOO_LATE, waives=waives)) == (
        "skipped",
        "on",
        "the delivery of 2027-10-14 is skipped already",
    )
    assert refused(Conflict, lambda: unskips(boxed(), TOO_LATE, waives=waives)) == (
        "not_skipped",
        "on",
        "the delivery of 2027-10-14 is not skipped",
    )


@pytest.mark.parametrize("skipping", ["credited", "not_credited"])
def test_a_plan_says_whether_its_deliveries_may_be_skipped(skipping: Skipping) -> None:
    assert skips(boxed(skipping=skipping)) == [SKIPPED]
    strict = boxed(skipping="not_allowed", most_skips=0)
    for today in (LAST_DAY, TOO_LATE):
        assert refused(NotAllowed, partial(skips, strict, today)) == (
            "no_skipping",
            "on",
            "deliveries of this plan can't be skipped",
        )


def test_what_staff_skipped_where_none_may_be_comes_after_all() -> None:
    strict = boxed(SKIPPED, skipping="not_allowed", most_skips=0)
    assert unskips(strict, is_staff=False) == [DeliveryUnskipped(on(THURSDAY))]


def having(skipped: Sequence[str], most: int) -> Life:
    return boxed(*(DeliverySkipped(on(day)) for day in skipped), most_skips=most)


OCTOBER, NOVEMBER, DECEMBER = "2027-10-21", "2027-11-04", "2027-12-30"
IN_2028 = ("2028-01-06", "2028-01-13", "2028-01-20")


@pytest.mark.parametrize(
    ("skipped", "most"),
    [
        ((), 1),
        ((OCTOBER,), 2),
        ((OCTOBER, DECEMBER), 3),
        ((OCTOBER, *IN_2028), 2),
        ((OCTOBER, NOVEMBER, DECEMBER), 0),  # no limit
    ],
)
def test_so_many_deliveries_of_a_year_may_be_skipped(skipped: Sequence[str], most: int) -> None:
    assert skips(having(skipped, most)) == [SKIPPED]


@pytest.mark.parametrize(
    ("skipped", "most"),
    [
        ((OCTOBER,), 1),
        ((OCTOBER, DECEMBER), 2),
        ((OCTOBER, NOVEMBER, DECEMBER), 2),
        ((OCTOBER, *IN_2028), 1),
    ],
)
def test_no_more_deliveries_of_a_year_may_be_skipped(skipped: Sequence[str], most: int) -> None:
    assert refused(NotAllowed, lambda: skips(having(skipped, most))) == (
        "skips_used_up",
        "on",
        f"{most} deliveries a year may be skipped, and so many are",
    )


@pytest.mark.parametrize(
    ("life", "today", "code"),
    [
        (boxed(), TOO_LATE, "cut_off"),
        (boxed(skipping="not_allowed", most_skips=0), LAST_DAY, "no_skipping"),
        (having((OCTOBER,), 1), LAST_DAY, "skips_used_up"),
    ],
)
def test_staff_may_waive_the_terms_and_nobody_else(life: Life, today: str, code: str) -> None:
    assert skips(life, today, waives=True) == [SKIPPED]
    for waives, is_staff in ((False, True), (True, False), (False, False)):
        found = refused(
            NotAllowed,
            partial(skips, life, today, waives=waives, is_staff=is_staff),
        )
        assert found[0] == code


def test_staff_alone_has_delivered_after_the_cut_off_what_was_skipped() -> None:
    life = boxed(SKIPPED)
    assert unskips(life, TOO_LATE, waives=True) == [DeliveryUnskipped(on(THURSDAY))]
    asked = {"waives": True, "is_staff": False}
    assert refused(NotAllowed, lambda: unskips(life, TOO_LATE, **asked))[0] == "cut_off"


def moves(
    life: Life, command: ChangeAddress = AINO, today: str = LAST_DAY, **more: Any
) -> list[SubscriptionEvent]:
    return change_address(life, command, shop(today, **more))


@pytest.mark.parametrize(
    ("today", "schedule", "skipped", "day"),
    [
        ("2027-09-10", {}, (), "2027-10-01"),  # with the start
        ("2027-10-04", {}, (), "2027-10-04"),
        ("2027-10-05", {}, (), "2027-10-08"),  # after the delivery that is fixed
        ("2027-10-07", {}, (), "2027-10-08"),
        ("2027-10-08", {}, (), "2027-10-08"),
        ("2027-10-11", {}, (), "2027-10-11"),
        ("2027-10-12", {}, (), "2027-10-15"),
        ("2027-10-12", {}, ("2027-10-14",), "2027-10-12"),
        ("2027-10-12", {"cut_off_days": 10}, (), "2027-10-22"),  # two are fixed
        ("2027-10-12", {"cut_off_days": 10}, ("2027-10-21",), "2027-10-15"),
        ("2027-10-14", {"cut_off_days": 0}, (), "2027-10-14"),
    ],
)
def test_another_address_holds_from_the_first_day_that_allows_it(
    today: str, schedule: dict[str, Any], skipped: Sequence[str], day: str
) -> None:
    life = boxed(*(DeliverySkipped(on(one)) for one in skipped), **schedule)
    for is_staff in (True, False):
        found = moves(life, today=today, is_staff=is_staff)
        assert found == [AddressChanged(on(day), NEW)]


@pytest.mark.parametrize(
    ("today", "cut_off_days", "day"),
    [
        (TOO_LATE, 3, "2027-10-15"),
        (TOO_LATE, 3, "2027-12-24"),
        (TOO_LATE, 10, "2027-10-22"),
        (LAST_DAY, 3, "2027-10-14"),
        ("2027-10-20", 0, "2027-10-15"),  # no delivery since
    ],
)
def test_another_address_holds_from_a_day_that_is_asked_for(
    today: str, cut_off_days: int, day: str
) -> None:
    life = boxed(cut_off_days=cut_off_days)
    assert moves(life, replace(AINO, on=on(day)), today) == [AddressChanged(on(day), NEW)]


@pytest.mark.parametrize(
    ("today", "cut_off_days", "day", "fixed", "first"),
    [
        (TOO_LATE, 3, "2027-10-14", "2027-10-14", "2027-10-15"),
        (TOO_LATE, 3, "2027-10-12", "2027-10-14", "2027-10-15"),
        (TOO_LATE, 10, "2027-10-21", "2027-10-21", "2027-10-22"),
        (TOO_LATE, 10, "2027-10-15", "2027-10-21", "2027-10-22"),
        ("2027-10-20", 0, "2027-10-14", "2027-10-14", "2027-10-15"),  # that one came already
    ],
)
def test_what_can_not_be_changed_any_more_goes_where_it_went(
    today: str, cut_off_days: int, day: str, fixed: str, first: str
) -> None:
    life, command = boxed(cut_off_days=cut_off_days), replace(AINO, on=on(day))
    assert refused(NotAllowed, lambda: moves(life, command, today)) == (
        "cut_off",
        "on",
        f"the delivery of {fixed} can't be changed any more; choose {first} or a later day",
    )
    waiving = replace(command, waives_terms=True)
    assert moves(life, waiving, today) == [AddressChanged(on(day), NEW)]


def test_a_subscriber_waives_no_cut_off() -> None:
    command = replace(AINO, on=on(THURSDAY), waives_terms=True)
    found = refused(NotAllowed, lambda: moves(boxed(), command, TOO_LATE, is_staff=False))
    assert found[0] == "cut_off"
    past = replace(AINO, on=on("2027-10-15"))
    life = boxed(cut_off_days=0)
    found = refused(NotAllowed, lambda: moves(life, past, "2027-10-20", is_staff=False))
    assert found[0] == "past"


def test_where_nothing_is_delivered_no_address_is_asked_for() -> None:
    nothing = ("no_delivery", "on", "nothing is delivered to this subscriber")
    assert refused(Conflict, lambda: moves(lived())) == nothing
    ending = boxed(PlanChanged(on("2027-10-20"), (plan_item(200, PLUS),)))
    assert moves(ending, today="2027-10-19") == [AddressChanged(on("2027-10-19"), NEW)]
    assert refused(Conflict, lambda: moves(ending, today="2027-10-20")) == nothing


def test_another_plan_that_is_delivered_keeps_the_address_open() -> None:
    again = plan_item(200, PLUS, delivery=WEEKLY)
    life = boxed(PlanChanged(on("2027-10-20"), (again,)))
    assert moves(life, today="2027-11-01") == [AddressChanged(on("2027-11-01"), NEW)]


@pytest.mark.parametrize("text", [f"adr_{OLD.hex}", str(OLD)])
def test_an_address_from_before_is_named_by_its_id(text: str) -> None:
    command = ChangeAddress(address=text)
    found = moves(boxed(), command, addresses=frozenset({OLD, OTHER}))
    assert found == [AddressChanged(on(LAST_DAY), OLD)]


@pytest.mark.parametrize("text", [f"adr_{OLD.hex}", "adr_1", "home"])
def test_an_address_that_nobody_knows_is_refused(text: str) -> None:
    command = ChangeAddress(address=text)
    assert refused(NotFound, lambda: moves(boxed(), command, addresses=frozenset({OTHER}))) == (
        "unknown_address",
        "address",
        f"there is no address {text!r}",
    )


def test_deliveries_may_go_to_the_user_again() -> None:
    life = boxed(AddressChanged(on("2027-10-04"), OLD))
    own = ChangeAddress(is_own=True, phone="040 1234567")
    assert moves(life, own) == [AddressChanged(on(LAST_DAY), None)]


def test_deliveries_that_go_there_already_need_no_change() -> None:
    same = ("same_address", "address", "deliveries go there already")
    assert refused(Conflict, lambda: moves(boxed(), ChangeAddress(is_own=True))) == same
    known = frozenset({OLD})
    life = boxed(AddressChanged(on("2027-10-10"), OLD), AddressChanged(on("2027-11-01"), OTHER))
    for today in ("2027-10-10", LAST_DAY):
        again = partial(moves, life, replace(NAMED, on=on(today)), today, addresses=known)
        assert refused(Conflict, again) == same
    day_before = replace(NAMED, on=on("2027-10-09"))
    assert moves(life, day_before, "2027-10-09", addresses=known)
    assert moves(life, replace(NAMED, on=on("2027-11-01")), addresses=known)


TWO_WAYS = (
    "bad_address",
    "address",
    "give an address, name one from before, or take the user's own: one of them",
)


@pytest.mark.parametrize("given", ["name", "street", "postal_code", "city"])
def test_an_address_is_told_in_one_way_only(given: str) -> None:
    known = frozenset({OLD})
    part: dict[str, Any] = {given: "x"}
    both = replace(NAMED, is_own=True)
    for command in (replace(NAMED, **part), ChangeAddress(is_own=True, **part), both):
        assert refused(Invalid, partial(moves, boxed(), command, addresses=known)) == TWO_WAYS


@pytest.mark.parametrize("missing", ["name", "street", "postal_code", "city"])
@pytest.mark.parametrize("text", ["", " "])
def test_no_part_of_an_address_is_missing(missing: str, text: str) -> None:
    part: dict[str, Any] = {missing: text}
    found = refused(Invalid, lambda: moves(boxed(), replace(AINO, **part)))
    assert found == ("missing", missing, "is missing")


def test_an_address_is_given_at_all() -> None:
    assert refused(Invalid, lambda: moves(boxed(), ChangeAddress()))[:2] == ("missing", "name")


@pytest.mark.parametrize("country", ["", "F", "FIN", "fi", "Fi", "ÅL", "12", "F1", "F "])
def test_a_country_is_two_capital_letters(country: str) -> None:
    assert refused(Invalid, lambda: check_address(replace(AINO, country=country))) == (
        "bad_country",
        "country",
        "is two letters, such as FI",
    )


@pytest.mark.parametrize("country", ["FI", "SE"])
def test_a_country_that_carriers_know(country: str) -> None:
    check_address(replace(AINO, country=country))
