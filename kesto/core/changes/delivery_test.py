"""Deliveries that are skipped or come after all: until when, how often, and by whose leave."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from kesto.core.catalog import Skipping
from kesto.core.changes import SkipDelivery, UnskipDelivery
from kesto.core.changes.delivery import skip_delivery, unskip_delivery
from kesto.core.history import DeliverySkipped, DeliveryUnskipped
from kesto.core.life import Life
from kesto.core.refusals import Conflict, NotAllowed, NotFound
from tests.histories import on
from tests.refused import refused
from tests.thursdays import LAST_DAY, THURSDAY, TOO_LATE, boxed, shop

SKIPPED = DeliverySkipped(on(THURSDAY))


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
