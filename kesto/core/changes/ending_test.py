"""Notice: the last day that contract and law give, another one that is asked for, and its price."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from kesto.core.calendar import Interval
from kesto.core.cancellation import Ending, NoticeLimit
from kesto.core.catalog import PlanTerms
from kesto.core.changes import AddAddOn, AddExtra, Cancel, ChangePlan, ChangeQuantity, Pause, ending
from kesto.core.history import Cancelled, ExtraAdded, SubscriptionEvent
from kesto.core.item import Course
from kesto.core.life import Life, TermSpan
from kesto.core.refusals import Conflict, Invalid, NotAllowed
from tests.refused import refused
from tests.simulator.story import Story, day
from tests.simulator.wares import OPEN, PLANS, PRODUCTS, sold
from tests.simulator.world import noon

COSTS = "leaving early costs what the contract says (`leaves_early`)"
FINNISH = NoticeLimit("open_ended", Interval("day", 14), "fi", date(2020, 1, 1), "a law")


def cancelled(events: list[SubscriptionEvent]) -> Cancelled:
    (event,) = events
    assert isinstance(event, Cancelled)
    return event


def agreed(terms: PlanTerms, *spans: TermSpan) -> Life:
    """A life from 1 October 2027 on with other terms."""
    span = TermSpan(date(2027, 10, 1), terms.minimum_months, terms.notice_days)
    return replace(Story("basic").member.life(), terms=terms, spans=list(spans or (span,)))


def ends(terms: PlanTerms, notice_on: str, *limits: NoticeLimit) -> tuple[str, str]:
    """The last day of such a contract after a notice, and the rule that gave it."""
    story = Story("basic")
    found = ending.ending_of(
        agreed(terms), day(notice_on), replace(story.world.shop(story.member), limits=limits)
    )
    return str(found.last_on), found.rule


def test_without_a_term_service_ends_with_the_day_of_notice() -> None:
    assert Story("basic").asks(Cancel(reason="  moving "), "2027-10-10") == [
        Cancelled(day("2027-10-11"), day("2027-10-10"), "no_notice", "moving", "staff")
    ]
    found = Story("basic").asks(Cancel(), "2027-10-10", is_staff=False)
    assert cancelled(found).by == "subscriber"


def test_at_the_end_of_the_period_service_is_used_up() -> None:
    found = Story("basic").asks(Cancel(when="period_end"), "2027-10-10")
    assert cancelled(found).on == day("2027-11-01")
    bound = Story("plus", "2027-10-15").asks(Cancel(when="period_end"))
    assert cancelled(bound).on == day("2028-01-15")


def test_a_notice_that_came_before_is_told_by_staff() -> None:
    story = Story("basic")
    wrong = (
        "bad_notice_day",
        "notice_on",
        "notice is given today, 2027-10-10, or was given before (staff)",
    )
    earlier, later = Cancel(day("2027-10-09")), Cancel(day("2027-10-11"))
    story.world.moves_to(noon(day("2027-10-10")))
    assert refused(Invalid, lambda: story.asks(later)) == wrong
    assert refused(Invalid, lambda: story.asks(earlier, is_staff=False)) == wrong
    assert story.world.decide(story.member, Cancel(day("2027-10-10")), is_staff=False)
    assert story.asks(earlier) == [
        Cancelled(day("2027-10-10"), day("2027-10-09"), "no_notice", "", "staff")
    ]


def test_what_has_not_begun_never_runs() -> None:
    story = Story("basic")
    story.world.now = noon(day("2027-09-20"))
    shop = story.world.shop(story.member)
    life = story.member.life()
    assert cancelled(ending.cancel(life, Cancel(), shop)).on == day("2027-10-01")
    at_end = ending.cancel(life, Cancel(when="period_end"), shop)
    assert cancelled(at_end).on == day("2027-11-01")
    asked = Cancel(last_day=day("2027-09-30"))
    assert cancelled(ending.cancel(life, asked, shop)).on == day("2027-10-01")
    too_early = Cancel(last_day=day("2027-09-29"))
    assert refused(Invalid, lambda: ending.cancel(life, too_early, shop))[0] == "past"


def test_a_term_that_renews_ends_with_the_term_in_which_the_notice_ends() -> None:
    terms = PlanTerms(3, 14, "renew", 3)
    assert ends(terms, "2027-10-01") == ("2027-12-31", "fixed_term")
    assert ends(terms, "2027-12-17") == ("2027-12-31", "fixed_term")
    assert ends(terms, "2027-12-18") == ("2028-03-31", "renewed_term")


def test_a_renewed_term_comes_back_to_its_day() -> None:
    life = agreed(
        PlanTerms(1, 0, "renew", 1),
        TermSpan(date(2028, 1, 31), 1, 0),
    )
    story = Story("basic")
    shop = story.world.shop(story.member)
    found = ending.ending_of(life, day("2028-03-05"), shop)
    assert found.last_on == day("2028-03-30")


def test_a_minimum_binds_and_then_it_is_open() -> None:
    for terms in (PlanTerms(3, 14), PlanTerms(3, 14, "renew"), PlanTerms(3, 14, renewal_months=3)):
        assert ends(terms, "2027-10-05") == ("2027-12-31", "minimum_period")
        assert ends(terms, "2027-12-20") == ("2028-01-03", "contract_notice")


def test_a_fixed_term_ends_by_itself() -> None:
    terms = PlanTerms(2, 14, "end")
    assert ends(terms, "2027-11-30") == ("2027-11-30", "fixed_term")
    assert ends(terms, "2027-12-01") == ("2027-12-15", "contract_notice")


def test_notice_is_of_so_many_days() -> None:
    assert ends(PlanTerms(notice_days=30), "2027-10-10") == ("2027-11-09", "contract_notice")
    assert ends(PlanTerms(notice_days=0), "2027-10-10") == ("2027-10-10", "no_notice")


def test_the_law_shortens_a_notice() -> None:
    terms = PlanTerms(notice_days=30)
    assert ends(terms, "2027-10-10", FINNISH) == ("2027-10-24", "statutory_notice")


def test_the_term_that_counts_is_the_last_that_has_begun() -> None:
    first, second = TermSpan(date(2027, 10, 1), 0, 14), TermSpan(date(2027, 12, 1), 0, 30)
    other = TermSpan(date(2027, 12, 1), 0, 60)
    life = agreed(OPEN, first, second)
    assert ending.current_span(life, day("2027-11-30")) == first
    assert ending.current_span(life, day("2027-12-01")) == second
    assert ending.current_span(life, day("2027-09-01")) == first
    assert ending.current_span(agreed(OPEN, first, second, other), day("2027-12-01")) == other
    assert ending.current_span(agreed(OPEN, second, first), day("2028-01-01")) == second


def test_a_pause_within_the_term_comes_on_top() -> None:
    terms = PlanTerms(3, 14, "end")
    story = Story("basic")
    story.asks(Pause(day("2027-10-01"), day("2027-10-11")))
    story.asks(Pause(day("2028-01-10"), day("2028-01-15")))
    pauses = story.member.life().pauses
    span = TermSpan(date(2027, 10, 1), 3, 14)

    def until(**more: Any) -> date | None:
        return ending.term_until(replace(agreed(terms), **{"pauses": pauses, **more}), span)

    assert until() == day("2028-01-16")  # the second begins in what the first added
    assert until(pauses=pauses[::-1]) == day("2028-01-16")
    assert until(pauses=pauses[1:]) == day("2028-01-01")
    assert until(terms=replace(terms, pause_extends_term=False)) == day("2028-01-01")
    on_the_last = replace(pauses[0], start=day("2028-01-01"), end=day("2028-01-05"))
    assert until(pauses=[on_the_last]) == day("2028-01-01")
    before = replace(pauses[0], start=day("2027-09-30"))
    assert until(pauses=[before]) == day("2028-01-01")
    assert until(pauses=[replace(pauses[0], end=None)]) == day("2028-01-01")
    none = TermSpan(date(2027, 10, 1), 0, 14)
    assert ending.term_until(replace(agreed(terms), pauses=pauses), none) is None


def test_a_later_day_may_be_asked_for() -> None:
    found = cancelled(Story("plus").asks(Cancel(last_day=day("2028-02-15")), is_staff=False))
    assert (found.on, found.rule) == (day("2028-02-16"), "fixed_term")
    same = cancelled(Story("plus").asks(Cancel(last_day=day("2027-12-31")), is_staff=False))
    assert (same.on, same.rule) == (day("2028-01-01"), "fixed_term")


def test_an_earlier_day_is_for_staff_to_grant() -> None:
    command = Cancel(last_day=day("2027-11-15"), waives_notice=True)
    found = cancelled(Story("plus").asks(command))
    assert (found.on, found.rule) == (day("2027-11-16"), "waived")
    binds = (
        "notice_binds",
        "last_day",
        f"the contract runs to 2027-12-31; {COSTS}",
    )
    assert refused(NotAllowed, lambda: Story("plus").asks(command, is_staff=False)) == binds
    plain = Cancel(last_day=day("2027-11-15"))
    assert refused(NotAllowed, lambda: Story("plus").asks(plain)) == binds
    free = Cancel(last_day=day("2027-11-15"), leaves_early=True)
    assert refused(NotAllowed, lambda: Story("quarter").asks(free)) == (
        "notice_binds",
        "last_day",
        "the contract runs to 2027-11-30",
    )


def test_an_earlier_day_lies_not_in_the_past() -> None:
    story = Story("plus", "2027-10-15")
    past = ("past", "last_day", "the last day lies in the past")

    def asks(last_day: str, *, is_staff: bool) -> list[SubscriptionEvent]:
        command = Cancel(last_day=day(last_day), waives_notice=is_staff, leaves_early=not is_staff)
        return story.world.decide(story.member, command, is_staff=is_staff)

    assert asks("2027-10-14", is_staff=True)
    assert refused(Invalid, lambda: asks("2027-10-13", is_staff=True)) == past
    story.world.moves_to(noon(day("2027-11-10")))
    assert asks("2027-10-20", is_staff=True)
    assert asks("2027-11-09", is_staff=False)
    assert refused(Invalid, lambda: asks("2027-11-08", is_staff=False)) == past


def early(story: Story, last_day: str) -> ExtraAdded:
    command = Cancel(last_day=day(last_day), leaves_early=True)
    extra, end = story.world.decide(story.member, command, is_staff=False)
    assert isinstance(extra, ExtraAdded)
    assert isinstance(end, Cancelled)
    assert (end.rule, end.on) == ("leaves_early", day(last_day).replace(day=day(last_day).day + 1))
    return extra


def test_leaving_early_costs_half_of_what_is_left() -> None:
    story = Story("plus")
    extra = early(story, "2027-11-29")  # December, and the last day of November
    assert extra == ExtraAdded(
        *(day("2027-11-29"), extra.item_id, PRODUCTS["service"].id, Decimal("15.45")),
        reason="early_termination",
    )
    assert extra.item_id.int > 10**6
    assert early(story, "2027-12-15").unit_amount == Decimal("7.72")  # 16/31 of 29.90, halved


def test_leaving_early_costs_a_part_of_the_add_ons_too() -> None:
    story = Story("plus", add_ons=("safety",))
    assert early(story, "2027-12-15").unit_amount == Decimal("9.01")  # 15.43 + 2.58, halved
    story.asks(AddAddOn("storage", Decimal(2), on=day("2027-12-20")))
    assert early(story, "2027-12-15").unit_amount == Decimal("9.87")  # 1.72 for 12 days more


def test_what_is_sold_once_is_no_part_of_leaving_early() -> None:
    story = Story("plus")
    story.asks(AddExtra("seat", Decimal(50), on=day("2027-12-20")))
    assert early(story, "2027-12-15").unit_amount == Decimal("7.72")


def test_each_plan_is_a_part_of_leaving_early_for_its_own_days() -> None:
    story = Story("plus")
    story.asks(ChangePlan("basic", on=day("2027-11-01")))  # the terms of plus bind no more
    story.asks(ChangePlan("plus", on=day("2027-12-01")))
    story.world.moves_to(noon(day("2027-12-05")))
    # From 16 December to the end of February: 16/31 of a month and two more.
    assert early(story, "2027-12-15").unit_amount == Decimal("37.62")


def test_a_plan_that_lies_ahead_takes_the_place_of_the_other() -> None:
    story = Story("plus")
    terms = replace(PLANS["plus"][-1].terms, early_termination_percent=Decimal(100))
    life = replace(story.member.life(), terms=terms)
    shop = story.world.shop(story.member)

    def owed(life: Life) -> int:
        return ending.early_termination_minor(life, shop, day("2027-11-01"), day("2028-01-01"))

    assert owed(life) == 5980
    story.asks(ChangePlan("basic", on=day("2027-12-01")))
    assert owed(replace(story.member.life(), terms=terms)) == 2990 + 1090
    # The least that it costs is 15: half of that, then all.
    assert owed(replace(Story("ramp").member.life(), terms=terms)) == 750 + 1500
    free = replace(life.items[0], course=Course(percent=Decimal(0)))
    assert owed(replace(life, items=[free])) == 0


def test_leaving_early_costs_what_would_have_been_billed() -> None:
    story = Story("quarter", "2027-10-01", quantity="2")
    terms = replace(PLANS["quarter"][-1].terms, early_termination_percent=Decimal(100))
    shop = story.world.shop(story.member)

    def owed() -> int:
        life = replace(story.member.life(), terms=terms)
        return ending.early_termination_minor(life, shop, day("2027-10-31"), day("2028-01-01"))

    assert owed() == 1663  # 2 x 12.34, for 62 of 92 days
    story.asks(ChangeQuantity(Decimal(5), on=day("2027-12-01")))
    assert owed() == 2911  # 3 more for 31 days
    story.asks(Pause(day("2027-11-01"), day("2027-11-11"), Decimal(0)))
    assert owed() == 2642  # 10 days of 2 less


def test_leaving_early_is_booked_on_the_first_price_that_recurs() -> None:
    story = Story("plus")
    once = sold(90, {"model": "flat", "amount": "9.00"}, None, product="paper")
    month = sold(91, {"model": "flat", "amount": "31.00"}, product="seat")
    version = replace(PLANS["plus"][-1], prices=(once, month))
    shop = replace(story.world.shop(story.member), plans={"plus": [version]})
    command = Cancel(last_day=day("2027-12-15"), leaves_early=True)
    life = story.member.life()
    extra = ending.cancel(life, command, shop)[0]
    assert isinstance(extra, ExtraAdded)
    assert (extra.product_id, extra.unit_amount) == (PRODUCTS["seat"].id, Decimal("8.00"))
    for prices in ((once,), (replace(month, meter="calls"),), ()):
        bare = replace(shop, plans={"plus": [replace(version, prices=prices)]})
        assert cancelled(ending.cancel(life, command, bare)).rule == "waived"


def test_a_notice_does_not_put_the_end_off() -> None:
    story = Story("plus")
    story.asks(Cancel())
    already = ("ends_already", "last_day", "it ends with 2027-12-31 already")
    assert refused(Conflict, lambda: story.asks(Cancel())) == already
    later = Cancel(last_day=day("2028-02-01"))
    assert refused(Conflict, lambda: story.asks(later)) == already
    assert story.asks(Cancel(last_day=day("2027-12-30"), waives_notice=True))


def test_no_notice_after_the_end() -> None:
    story = Story("basic")
    story.asks(Cancel(), "2027-10-10")
    story.world.moves_to(noon(day("2027-10-11")))
    shop = story.world.shop(story.member)
    assert refused(NotAllowed, lambda: ending.cancel(story.member.life(), Cancel(), shop)) == (
        "ended",
        "on",
        "the subscription ends with 2027-10-10; keep it first, or subscribe anew",
    )


@pytest.mark.parametrize("notice_on", ["2027-10-01", "2027-12-01"])
def test_the_law_is_told_from_the_day_of_the_notice(notice_on: str) -> None:
    story = Story("basic")
    shop = replace(story.world.shop(story.member), limits=(FINNISH,))
    found = ending.ending_of(agreed(PlanTerms(notice_days=60)), day(notice_on), shop)
    assert isinstance(found, Ending)
    assert found.limit == FINNISH
    assert (found.last_on - day(notice_on)).days == 14
