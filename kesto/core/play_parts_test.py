"""What a history does to payers, periods, discounts and what is sold once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

import pytest
from msgspec import structs

from kesto.core.calendar import Interval
from kesto.core.history import (
    AddOnAdded,
    AddOnRemoved,
    BillingDayChanged,
    Cancelled,
    DiscountEnded,
    DiscountGiven,
    ExtraAdded,
    Paused,
    QuantityChanged,
    Transferred,
    ZoneChanged,
)
from kesto.core.item import Cadence, Course, Extra, Item, Pause, Turn, ZoneFrom
from kesto.core.life import ADD_ON, EXTRA, PLAN, LifeItem
from tests.histories import (
    BASIC,
    BEGUN,
    CARE,
    GROUP,
    OTHER_GROUP,
    PAYER,
    SEED,
    START,
    add_on_item,
    lived,
    numbered,
    on,
    plan_item,
)

TRANSFERRED = Transferred(on("2027-12-01"), SEED, PAYER, UUID(int=9), GROUP, OTHER_GROUP)


def test_another_payer_gets_what_runs_from_the_day_on() -> None:
    life = lived(QuantityChanged(on("2027-11-01"), "3"), TRANSFERRED)
    assert (life.payer_id, life.group_id, life.first_group_id) == (PAYER, OTHER_GROUP, GROUP)
    before, after = life.items
    assert (before.end_on, before.group_id, before.carries_on) == (TRANSFERRED.on, GROUP, False)
    assert after == LifeItem(
        uuid5(SEED, str(before.id)),
        PLAN,
        TRANSFERRED.on,
        Cadence(START),
        Decimal(3),
        "plan",
        BASIC,
        group_id=OTHER_GROUP,
        carries_on=True,
        delivered_from=START,
        course=Course(carries_on=True),
    )


def test_a_payer_from_a_day_of_another_billing_day_goes_by_that_one() -> None:
    life = lived(BillingDayChanged(on("2027-12-01"), "billing_day", 15), TRANSFERRED)
    assert [item.cadence for item in life.items] == [
        Cadence(START),
        Cadence(on("2027-12-01"), "billing_day", 15),
    ]
    assert [item.turns for item in life.items] == [
        (Turn(on("2027-12-01"), life.cadence),),
        (),
    ]
    assert [item.course for item in life.items] == [
        None,
        Course(cadence=life.cadence, carries_on=True),
    ]


def test_what_starts_on_the_day_or_later_begins_with_the_new_payer() -> None:
    life = lived(
        AddOnAdded(on("2027-12-01"), add_on_item(200)),
        ExtraAdded(on("2027-11-30"), UUID(int=300), CARE, Decimal(5)),
        ExtraAdded(on("2027-12-01"), UUID(int=301), CARE, Decimal(5)),
        TRANSFERRED,
    )
    theirs = [item for item in life.items if item.group_id == OTHER_GROUP]
    assert [(item.kind, item.start_on, item.carries_on) for item in theirs] == [
        (PLAN, on("2027-12-01"), True),
        (ADD_ON, on("2027-12-01"), False),
        (EXTRA, on("2027-12-01"), False),
    ]
    stopped = [(item.id.int, item.end_on) for item in life.items if item.group_id == GROUP]
    assert stopped == [
        (100, TRANSFERRED.on),
        (300, None),
        (200, TRANSFERRED.on),
        (301, TRANSFERRED.on),
    ]
    assert [item.id for item in theirs[1:]] == [
        uuid5(SEED, str(UUID(int=number))) for number in (200, 301)
    ]


def test_what_goes_on_goes_on_through_a_second_payer() -> None:
    again = structs.replace(TRANSFERRED, on=on("2027-12-01"), group_id=GROUP)
    last = lived(TRANSFERRED, again).items[-1]
    assert (last.start_on, last.group_id, last.carries_on) == (on("2027-12-01"), GROUP, True)


def running(own: LifeItem) -> Item:
    """An item of a life as it is billed, without prices."""
    return Item(own.id, (), own.quantity, own.cadence, own.start_on, own.end_on, course=own.course)


def test_another_zone_is_for_the_days_to_come() -> None:
    life = lived(
        ZoneChanged(on("2027-11-05"), "Europe/Oslo"),
        AddOnAdded(on("2027-11-05"), add_on_item(200)),
        begun=structs.replace(BEGUN, zone="Europe/Helsinki"),
    )
    zones = [ZoneFrom(on("2027-11-05"), "Europe/Oslo")]
    assert (life.zone, life.zones) == ("Europe/Oslo", zones)
    assert life.cadence == Cadence(START, zone="Europe/Oslo")
    assert [item.course for item in life.items] == [
        Course(zones=tuple(zones)),
        Course(
            cadence=life.cadence,
            zones=(ZoneFrom(on("2027-11-04"), "Europe/Helsinki"), *zones),
        ),
    ]
    days = [on(f"2027-11-{day:02}") for day in (5, 6)]
    begins = {tuple(running(item).begins_at(day) for day in days) for item in life.items}
    assert begins == {
        (
            datetime(2027, 11, 4, 22, tzinfo=UTC),  # its clock is Helsinki's until then
            datetime(2027, 11, 5, 23, tzinfo=UTC),  # Oslo
        )
    }


def test_another_payer_begins_when_the_one_before_ends() -> None:
    life = lived(
        ZoneChanged(on("2027-11-05"), "Europe/Oslo"),
        TRANSFERRED,
        begun=structs.replace(BEGUN, zone="Europe/Helsinki"),
    )
    first, second = map(running, life.items)
    oslo = datetime(2027, 11, 30, 23, tzinfo=UTC)
    assert first.begins_at(on("2027-12-01")) == second.begins_at(on("2027-12-01")) == oslo
    assert second.begins_at(on("2028-01-01")) == datetime(2027, 12, 31, 23, tzinfo=UTC)


def test_another_billing_day_cuts_what_runs_and_is_the_only_one_of_what_comes() -> None:
    changed = BillingDayChanged(on("2027-11-05"), "anchor", 0, on("2027-01-20"))
    gone = AddOnRemoved(on("2027-11-05"), "care")
    begun = structs.replace(
        BEGUN, zone="Europe/Oslo", items=(plan_item(), add_on_item(300, CARE, "care"))
    )
    life = lived(AddOnAdded(on("2027-11-05"), add_on_item(200)), gone, changed, begun=begun)
    cadence = Cadence(on("2027-11-05"), "anchor", 0, on("2027-01-20"), "Europe/Oslo")
    assert life.cadence == cadence
    assert [(item.cadence, item.turns) for item in life.items] == [
        (life.first_cadence, (Turn(on("2027-11-05"), cadence),)),
        (life.first_cadence, ()),
        (cadence, ()),
    ]


GIVEN = DiscountGiven(
    on("2027-11-01"),
    UUID(int=20),
    UUID(int=21),
    "spring",
    3,
    "EUR",
    until_on=on("2028-02-01"),
    interval=Interval("month"),
    amount_minor=500,
    products=(UUID(int=22),),
)


def test_a_discount_stands_for_what_the_subscription_has() -> None:
    life = lived(GIVEN, ZoneChanged(on("2027-12-01"), "Europe/Oslo"))
    (one,) = life.discounts
    assert (one.id, one.coupon_id, one.code, one.number) == (
        UUID(int=20),
        UUID(int=21),
        "spring",
        3,
    )
    assert (one.start_on, one.until_on) == (on("2027-11-01"), on("2028-02-01"))
    assert (one.cadence, one.interval) == (Cadence(START), Interval("month"))
    assert (one.currency, one.percent, one.amount_minor) == ("EUR", Decimal(0), 500)
    assert (one.products, one.items) == ((UUID(int=22),), (UUID(int=100),))
    assert (one.scope, one.group_id) == ("subscription", None)


def test_a_discount_for_all_that_a_payer_buys_is_the_groups() -> None:
    weeks = Cadence(on("2027-10-04"))
    given = structs.replace(
        GIVEN, scope="customer", percent=Decimal(10), amount_minor=0, cadence=weeks
    )
    (one,) = lived(given).discounts
    assert (one.scope, one.group_id, one.items) == ("customer", GROUP, None)
    assert (one.percent, one.amount_minor, one.cadence) == (Decimal(10), 0, weeks)


@pytest.mark.parametrize(
    ("until", "ended", "end"),
    [
        (None, "2027-12-01", "2027-12-01"),
        ("2028-02-01", "2027-12-01", "2027-12-01"),
        ("2028-02-01", "2028-03-01", "2028-02-01"),
    ],
)
def test_a_discount_ends_by_itself_or_when_it_is_ended(
    until: str | None, ended: str, end: str
) -> None:
    given = structs.replace(GIVEN, until_on=on(until) if until else None)
    other = structs.replace(given, discount_id=UUID(int=30), number=4)
    life = lived(given, other, DiscountEnded(on(ended), UUID(int=20)))
    assert [one.until_on for one in life.discounts] == [on(end), given.until_on]


def test_something_is_sold_once_in_the_group_of_the_day() -> None:
    extra = ExtraAdded(
        on("2027-12-05"),
        UUID(int=300),
        CARE,
        Decimal("-5.50"),
        Decimal(2),
        {"fi": "Hyvitys"},
        "sorry",
    )
    life = lived(TRANSFERRED, extra, Cancelled(on("2027-12-05"), START))
    assert life.items[-1] == LifeItem(
        UUID(int=300),
        EXTRA,
        on("2027-12-05"),
        Cadence(START),
        Decimal(2),
        group_id=OTHER_GROUP,
        extra=Extra(CARE, Decimal("-5.50"), {"fi": "Hyvitys"}, "sorry"),
    )


@pytest.mark.parametrize(
    ("leaves_on", "cancelled", "is_charged"),
    [
        ("2027-11-09", ("2027-11-10",), True),
        ("2027-11-08", ("2027-11-10",), False),
        ("2027-11-10", ("2027-11-10",), False),
        ("2027-11-09", (), False),
        ("2027-11-09", ("2027-11-10", "2027-11-05"), False),
        ("2027-10-01", ("2027-10-01",), True),
    ],
)
def test_leaving_early_is_charged_on_the_last_day_alone(
    leaves_on: str, cancelled: tuple[str, ...], *, is_charged: bool
) -> None:
    day = on(leaves_on)
    leaving = ExtraAdded(day, UUID(int=300), CARE, Decimal(5), reason="early_termination")
    life = lived(leaving, *(Cancelled(on(one), START) for one in cancelled))
    assert numbered(life, 300).end_on == (None if is_charged else day)


def test_a_course_holds_what_happens_while_an_item_runs() -> None:
    life = lived(
        Paused(on("2027-10-05"), on("2027-10-20")),
        AddOnAdded(on("2027-10-20"), add_on_item(200)),
        ZoneChanged(on("2027-10-20"), "Europe/Oslo"),
        AddOnAdded(on("2027-10-19"), add_on_item(201, code="other")),
        BillingDayChanged(on("2027-11-01"), "billing_day", 5),
        QuantityChanged(on("2027-11-01"), "4"),
        Paused(on("2027-11-01")),
        Cancelled(on("2027-11-01"), START),
    )
    own, later, other = (numbered(life, number) for number in (100, 200, 201))
    first = Pause(on("2027-10-05"), on("2027-10-20"), Decimal(0))
    zones = (ZoneFrom(on("2027-10-20"), "Europe/Oslo"),)
    assert own.course == Course(pauses=(first,), zones=zones)
    assert later.course == Course(zones=zones)
    assert other.course == Course(pauses=(first,), zones=zones)
    assert own.end_on == life.end_on == on("2027-10-31") + timedelta(days=1)
