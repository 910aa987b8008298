"""Deliveries that go elsewhere: from which day on, and to which address."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from kesto.core.changes import ChangeAddress
from kesto.core.changes.delivery import change_address, check_address
from kesto.core.history import AddressChanged, DeliverySkipped, PlanChanged, SubscriptionEvent
from kesto.core.life import Life
from kesto.core.refusals import Conflict, Invalid, NotAllowed, NotFound
from tests.histories import PLUS, lived, on, plan_item
from tests.refused import refused
from tests.thursdays import LAST_DAY, NEW, THURSDAY, TOO_LATE, WEEKLY, boxed, shop

OLD, OTHER = UUID(int=901), UUID(int=902)
AINO = ChangeAddress(name="Aino", street="Katu 1", postal_code="00100", city="Helsinki")
NAMED = ChangeAddress(address=f"adr_{OLD.hex}")


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
