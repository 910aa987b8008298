"""Pauses, other periods, another zone, another payer, and what is called off."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from kesto.core.changes import (
    CallOff,
    Cancel,
    ChangeBillingDay,
    ChangeQuantity,
    ChangeZone,
    Command,
    Pause,
    Resume,
    Transfer,
    decide,
)
from kesto.core.history import (
    BillingDayChanged,
    CalledOff,
    Paused,
    QuantityChanged,
    Resumed,
    Transferred,
    ZoneChanged,
)
from kesto.core.refusals import Conflict, Invalid, NotAllowed, NotFound, Refused
from tests.refused import refused
from tests.simulator.story import AINO, VEIKKO, Story, day


def no(
    story: Story, command: Command, kind: type[Refused], *, is_staff: bool = True
) -> tuple[str, str, str]:
    return refused(kind, lambda: story.asks(command, is_staff=is_staff))


def test_a_subscriber_pauses_as_the_contract_says() -> None:
    story = Story("seats")
    command = Pause(day("2027-11-01"), day("2028-01-30"))
    assert story.asks(command, is_staff=False) == [
        Paused(day("2027-11-01"), day("2028-01-30"), Decimal(50))
    ]


def test_a_pause_begins_today_unless_it_says_when() -> None:
    assert Story().asks(Pause(), "2027-10-10") == [Paused(day("2027-10-10"))]
    assert Story().asks(Pause(when="period_end"), "2027-10-10") == [Paused(day("2027-11-01"))]


def test_a_subscriber_pauses_for_no_longer_than_agreed() -> None:
    story = Story("plus")
    too_long = (
        "pause_too_long",
        "until",
        "a pause lasts at most 60 days; choose a day up to 2027-12-31",
    )
    on = day("2027-11-01")
    assert no(story, Pause(on), Invalid, is_staff=False) == too_long
    assert no(story, Pause(on, day("2028-01-01")), Invalid, is_staff=False) == too_long
    assert story.asks(Pause(on, day("2027-12-31")), is_staff=False)


def test_staff_agrees_to_any_pause() -> None:
    story = Story("basic")
    assert story.asks(Pause(day("2027-11-01"), percent=Decimal(30))) == [
        Paused(day("2027-11-01"), None, Decimal(30))
    ]


@pytest.mark.parametrize(("plan", "percent"), [("basic", None), ("plus", 50), ("seats", 0)])
def test_a_subscriber_pauses_no_other_way(plan: str, percent: int | None) -> None:
    command = Pause(
        day("2027-11-01"),
        day("2027-11-10"),
        percent=None if percent is None else Decimal(percent),
    )
    assert no(Story(plan), command, NotAllowed, is_staff=False) == (
        "no_pause",
        "action",
        "this plan can't be paused",
    )


@pytest.mark.parametrize("percent", ["-0.01", "100.01"])
def test_a_pause_charges_a_part_of_the_prices(percent: str) -> None:
    assert no(Story(), Pause(percent=Decimal(percent)), Invalid) == (
        "bad_percent",
        "percent",
        "is from 0 to 100",
    )


@pytest.mark.parametrize("percent", [0, 100])
def test_a_pause_charges_nothing_or_all(percent: int) -> None:
    assert Story().asks(Pause(percent=Decimal(percent))) == [
        Paused(day("2027-10-01"), None, Decimal(percent))
    ]


def test_a_pause_has_a_day_at_least() -> None:
    on = day("2027-11-01")
    assert no(Story(), Pause(on, on), Invalid) == (
        "bad_end",
        "until",
        "a pause ends after it begins on 2027-11-01",
    )
    assert Story().asks(Pause(on, day("2027-11-02")))


def test_two_pauses_share_no_day() -> None:
    story = Story()
    story.asks(Pause(day("2027-11-10"), day("2027-11-20")))
    already = ("paused", "on", "it is paused from 2027-11-10 already; resume it first")
    for start, end in (("2027-11-01", "2027-11-11"), ("2027-11-19", "2027-11-30")):
        assert no(story, Pause(day(start), day(end)), Conflict) == already
    for start in ("2027-11-01", "2027-11-15"):
        assert no(story, Pause(day(start)), Conflict) == already
    assert story.asks(Pause(day("2027-11-01"), day("2027-11-10")))
    assert story.asks(Pause(day("2027-11-20")))
    assert no(story, Pause(day("2027-12-20")), Conflict)[0] == "paused"


def test_service_again_from_a_day_in_the_pause_or_its_end() -> None:
    story = Story()
    story.asks(Pause(day("2027-11-10"), day("2027-11-20")))
    for text in ("2027-11-10", "2027-11-15", "2027-11-20"):
        assert decide(story.member.told, Resume(day(text)), story.world.shop(story.member)) == [
            Resumed(day(text))
        ]
    for text in ("2027-11-09", "2027-11-21"):
        assert no(story, Resume(day(text)), Conflict) == (
            "not_paused",
            "on",
            f"it is not paused on {text}",
        )
    assert no(story, Resume(), Conflict)[2] == "it is not paused on 2027-10-01"


def test_other_periods_begin_where_the_running_one_ends() -> None:
    story = Story()
    assert story.asks(ChangeBillingDay(billing_day=15), "2027-10-10") == [
        BillingDayChanged(day("2027-11-01"), "billing_day", 15)
    ]


def test_other_periods_begin_now_where_that_is_asked() -> None:
    command = ChangeBillingDay("anchor", anchor=day("2027-10-20"), when="now")
    assert Story().asks(command, "2027-10-10") == [
        BillingDayChanged(day("2027-10-10"), "anchor", 0, day("2027-10-20"))
    ]


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (ChangeBillingDay(billing_day=32), "billing_day"),
        (ChangeBillingDay(), "billing_day"),
        (ChangeBillingDay("anchor"), "anchor"),
    ],
)
def test_other_periods_hold_together(command: ChangeBillingDay, field: str) -> None:
    assert no(Story(), command, Invalid)[1] == field


def test_periods_that_are_cut_so_already_stay() -> None:
    story = Story(alignment="billing_day", billing_day=15)
    same = ("same_cadence", "alignment", "its periods are cut so already")
    assert no(story, ChangeBillingDay(billing_day=15), Conflict) == same
    anchored = Story(alignment="anchor", anchor="2027-10-20")
    assert no(anchored, ChangeBillingDay("anchor", anchor=day("2027-10-20")), Conflict) == same
    assert anchored.asks(ChangeBillingDay("anchor", anchor=day("2027-10-21")))
    assert Story().asks(ChangeBillingDay("anniversary"))  # from another day on


def test_the_days_of_another_zone() -> None:
    story = Story()
    assert story.asks(ChangeZone("Europe/Stockholm"), "2027-10-05") == [
        ZoneChanged(day("2027-10-05"), "Europe/Stockholm")
    ]
    assert Story().asks(ChangeZone("UTC", day("2027-12-01"))) == [
        ZoneChanged(day("2027-12-01"), "UTC")
    ]
    assert no(story, ChangeZone("Europe/Stockholm"), Conflict) == (
        "same_zone",
        "zone",
        "its zone is Europe/Stockholm already",
    )
    assert no(story, ChangeZone("Europe/Turku"), Invalid)[:2] == ("unknown_zone", "zone")


def test_another_payer_takes_over() -> None:
    story = Story()
    (event,) = story.asks(Transfer("1", when="period_end"), "2027-10-10")
    assert isinstance(event, Transferred)
    groups = story.world.groups
    assert (event.on, event.from_group_id, event.group_id) == (day("2027-11-01"), AINO, VEIKKO)
    assert event.from_payer_id == groups[AINO].payer_id
    assert event.payer_id == groups[VEIKKO].payer_id
    assert event.seed.int > 10**6
    assert Story().asks(Transfer("1", day("2027-12-01")))[0].on == day("2027-12-01")


def test_no_payer_takes_over_from_themselves() -> None:
    assert no(Story(), Transfer("0"), Conflict) == ("same_payer", "payer", "'0' pays already")


@pytest.mark.parametrize("missing", ["payer", "group_id", "payer_id"])
def test_nobody_takes_over_whom_nobody_knows(missing: str) -> None:
    story = Story()
    command = Transfer("1")
    shop = story.world.shop(story.member, story.world.payer(command))
    assert decide(story.member.told, command, shop)
    shop = replace(shop, **{missing: None})
    assert refused(NotFound, lambda: decide(story.member.told, command, shop)) == (
        "unknown_customer",
        "payer",
        "there is no customer '1'",
    )


def test_what_lies_ahead_is_called_off_once() -> None:
    story = Story("seats")
    assert story.asks(ChangeQuantity(Decimal(3), on=day("2027-10-03"))) == [
        QuantityChanged(day("2027-10-03"), "3")
    ]
    ahead = story.member.told[-1].seq
    assert story.asks(CallOff(ahead), "2027-10-02") == [CalledOff(day("2027-10-02"), ahead)]
    for seq in (ahead, ahead + 1, 99):
        assert no(story, CallOff(seq), NotFound) == (
            "not_found",
            "event",
            f"no change {seq} lies ahead",
        )


def test_what_took_effect_is_not_called_off() -> None:
    story = Story("seats")
    story.asks(ChangeQuantity(Decimal(3), on=day("2027-10-03")))
    story.asks(Transfer("1", on=day("2027-11-01")))
    began, changed, transferred = (one.seq for one in story.member.told)
    story.world.moves_to(story.world.now.replace(day=3))
    assert no(story, CallOff(began), NotAllowed) == (
        "begun",
        "event",
        "a subscription is ended by cancelling or withdrawing",
    )
    assert no(story, CallOff(changed), NotAllowed) == (
        "took_effect",
        "event",
        "it took effect on 2027-10-03; make another change instead",
    )
    assert no(story, CallOff(transferred), NotAllowed) == (
        "transferred",
        "event",
        "another payer is called off by transferring back",
    )


def test_a_notice_is_called_off_like_anything_else() -> None:
    story = Story()
    story.asks(Cancel(reason=" moving "))
    seq = story.member.told[-1].seq
    assert story.asks(CallOff(seq)) == [CalledOff(day("2027-10-01"), seq)]
    assert story.member.life().end_on is None
