"""Who is moved to another version of their plan, from when, and who is left alone."""

from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from msgspec import structs

from kesto.core.changes import (
    AddAddOn,
    Cancel,
    ChangePlan,
    ChangeQuantity,
    Command,
    Pause,
    Resume,
    Transfer,
)
from kesto.core.history import PlanChanged
from kesto.core.moving import Move, Wanted, decide_move, monthly
from kesto.core.notices import PeriodPrice
from tests.simulator.story import Story, day
from tests.simulator.wares import PLANS
from tests.simulator.world import noon

WANTED = Wanted("basic", 2, 1, day("2027-11-01"), 30)
NEW, OLD = PLANS["basic"]


def moved(
    story: Story, wanted: Wanted = WANTED, today: str = "2027-10-01", **terms: Any
) -> Move | str:
    story.world.moves_to(noon(day(today)))
    life = story.member.life()
    agreed = structs.replace(life, terms=structs.replace(life.terms, **terms))
    return decide_move(story.member.told, agreed, wanted, story.world.shop(story.member))


def days(found: Move | str) -> tuple[str, str]:
    assert isinstance(found, Move)
    return found.on.isoformat(), found.leave_by.isoformat()


def test_a_subscriber_is_moved_with_the_first_period_from_the_wanted_day_on() -> None:
    found = moved(Story("basic", on="2027-09-10"))
    assert isinstance(found, Move)
    assert (found.on, found.leave_by) == (day("2027-11-10"), day("2027-11-09"))
    (event,) = found.events
    assert isinstance(event, PlanChanged)
    assert (event.on, event.is_migration, event.moves_from) == (found.on, True, OLD.id)
    assert [item.owner_id for item in event.items] == [NEW.id]


@pytest.mark.parametrize(
    ("wanted_on", "today", "on"),
    [
        ("2027-11-10", "2027-10-01", "2027-11-10"),
        ("2027-11-11", "2027-10-01", "2027-12-10"),
        ("2027-10-01", "2027-10-11", "2027-11-10"),  # 30 days of notice end on the day
        ("2027-10-01", "2027-10-12", "2027-12-10"),
    ],
)
def test_the_wanted_day_and_the_notice_are_kept(wanted_on: str, today: str, on: str) -> None:
    wanted = structs.replace(WANTED, on=day(wanted_on))
    assert days(moved(Story("basic", on="2027-09-10"), wanted, today))[0] == on


def test_a_subscriber_has_time_to_leave_before_the_move() -> None:
    story = Story("basic", on="2027-09-10")
    (span,) = story.member.life().spans
    assert span.notice_days == 0
    soon = structs.replace(WANTED, on=day("2027-10-10"), notice_days=0)
    assert days(moved(story, soon, "2027-10-09")) == ("2027-10-10", "2027-10-09")
    story.member.life().spans[:] = [structs.replace(span, notice_days=14)]
    assert days(moved(story, soon, "2027-10-09")) == ("2027-11-10", "2027-10-26")
    last = structs.replace(soon, on=day("2027-11-10"))
    assert days(moved(story, last, "2027-10-26")) == ("2027-11-10", "2027-10-26")
    assert days(moved(story, last, "2027-10-27")) == ("2027-12-10", "2027-11-25")


def test_one_that_has_not_begun_is_moved_with_its_first_period() -> None:
    story = Story("basic", on="2027-12-10")
    story.world.now = noon(day("2027-10-01"))
    assert days(moved(story)) == ("2027-12-10", "2027-12-09")


@pytest.mark.parametrize(
    ("command", "word"),
    [
        (Cancel(last_day=day("2028-01-09")), "cancelled"),
        (ChangePlan("seats", on=day("2027-12-10")), "changes"),
        (ChangePlan("seats", on=day("2027-10-01")), "changes"),
        (ChangePlan("basic", 1, on=day("2027-12-10")), "moved"),
        (Pause(on=day("2027-10-05")), "paused"),
        (Pause(on=day("2027-10-20"), until=day("2027-10-25")), "paused"),
        (Pause(on=day("2027-10-01"), until=day("2027-10-02")), "paused"),
    ],
)
def test_who_goes_another_way_is_left_alone(command: Command, word: str) -> None:
    story = Story("basic", on="2027-09-10")
    story.asks(command, "2027-10-01")
    assert moved(story) == word


@pytest.mark.parametrize(
    "commands",
    [
        (ChangeQuantity(Decimal(3), on=day("2027-10-01")),),
        (AddAddOn("storage"),),
        (Transfer("1", on=day("2027-10-01")),),
        (Pause(on=day("2027-09-20")), Resume(on=day("2027-10-01"))),
    ],
)
def test_other_changes_do_not_matter(commands: tuple[Command, ...]) -> None:
    story = Story("basic", on="2027-09-10")
    for command in commands:
        story.asks(command, "2027-10-01")
    assert days(moved(story))[0] == "2027-11-10"


def test_a_payer_to_come_makes_it_a_change_of_phase() -> None:
    story = Story("basic", on="2027-09-10")
    story.asks(Transfer("1", on=day("2027-10-20")), "2027-10-01")
    assert moved(story) == "phase"


@pytest.mark.parametrize(
    ("plan", "today", "word"),
    [
        ("trial", "2027-10-14", "phase"),
        ("trial", "2027-10-15", ""),
        ("ramp", "2027-11-30", "phase"),
        ("ramp", "2027-12-01", ""),
    ],
)
def test_who_is_in_a_trial_or_has_a_phase_ahead_is_left_alone(
    plan: str, today: str, word: str
) -> None:
    (first,) = PLANS[plan]
    both = [first, structs.replace(first, id=UUID(int=1), version=2)]
    story = Story(plan, on="2027-10-01")
    story.world.moves_to(noon(day(today)))
    shop = structs.replace(story.world.shop(story.member), plans=PLANS | {plan: both})
    wanted = Wanted(plan, 1, 2, day("2028-07-01"), 30)
    found = decide_move(story.member.told, story.member.life(), wanted, shop)
    assert found == word if word else isinstance(found, Move)


def test_who_has_the_version_already_is_told_so_by_the_change() -> None:
    story = Story("basic", on="2027-09-10")
    assert moved(story, structs.replace(WANTED, to_version=2)) == "same_plan"


@pytest.mark.parametrize(
    ("terms", "on"),
    [
        ({"at_term_end": "renew", "renewal_months": 3}, "term_binds"),
        ({"at_term_end": "open_ended", "renewal_months": 0}, "term_binds"),
    ],
)
def test_a_term_binds_both(terms: dict[str, Any], on: str) -> None:
    story = Story("basic", on="2027-10-01")
    (span,) = story.member.life().spans
    story.member.life().spans[:] = [structs.replace(span, minimum_months=3)]
    assert moved(story, WANTED, **terms) == on
    later = structs.replace(WANTED, on=day("2028-01-01"))
    assert days(moved(story, later, **terms))[0] == "2028-01-01"


@pytest.mark.parametrize(
    ("renewal_months", "at_term_end", "word"),
    [(3, "renew", "term_binds"), (3, "open_ended", ""), (0, "renew", ""), (1, "renew", "")],
)
def test_a_renewed_term_binds_too(renewal_months: int, at_term_end: str, word: str) -> None:
    story = Story("basic", on="2027-10-01")
    (span,) = story.member.life().spans
    story.member.life().spans[:] = [structs.replace(span, minimum_months=3)]
    wanted = structs.replace(WANTED, on=day("2028-02-01"))
    found = moved(story, wanted, renewal_months=renewal_months, at_term_end=at_term_end)
    if word:
        assert found == word
        last = structs.replace(WANTED, on=day("2028-04-01"))
        found = moved(story, last, renewal_months=renewal_months, at_term_end=at_term_end)
        assert days(found)[0] == "2028-04-01"
    else:
        assert days(found)[0] == "2028-02-01"


@pytest.mark.parametrize(
    ("price", "minor"),
    [
        (PeriodPrice(1000, "month", 1), Fraction(1000)),
        (PeriodPrice(1000, "month", 3), Fraction(1000, 3)),
        (PeriodPrice(1200, "year", 1), Fraction(100)),
        (PeriodPrice(1200, "year", 2), Fraction(50)),
    ],
)
def test_prices_are_compared_by_the_month(price: PeriodPrice, minor: Fraction) -> None:
    assert monthly(price) == minor
