"""What time itself did to a subscription."""

from uuid import UUID

from kesto.core.catalog import PlanTerms
from kesto.core.history import (
    CalledOff,
    Cancelled,
    ItemStart,
    Paused,
    Resumed,
    Subscribed,
    SubscriptionEvent,
    Told,
    Withdrawn,
)
from kesto.core.passing import passed
from kesto.core.play import play
from tests.simulator.story import Story, day

OWN = UUID(int=1)
BEGUN = Subscribed(
    day("2027-10-01"),
    "anniversary",
    (ItemStart(UUID(int=3), UUID(int=2), "plan", "1", "plan"),),
    terms=PlanTerms(),
)
PAUSED = Paused(day("2027-11-01"), day("2027-11-15"))


def over(through: str, *events: SubscriptionEvent) -> list[tuple[str, str]]:
    told = [Told(seq, OWN, event) for seq, event in enumerate((BEGUN, *events), 1)]
    return [(one.kind, str(one.on)) for one in passed(told, play(told), day(through))]


def test_a_pause_is_over_by_itself_on_its_day() -> None:
    assert over("2027-11-14", PAUSED) == []
    assert over("2027-11-15", PAUSED) == [("pause_over", "2027-11-15")]


def test_what_somebody_ended_or_called_off_is_not_over_by_itself() -> None:
    assert over("2028-01-01", PAUSED, Resumed(day("2027-11-10"))) == []
    assert over("2028-01-01", PAUSED, CalledOff(day("2027-10-20"), 2)) == []


def test_the_end_is_told_once_and_nothing_after_it() -> None:
    ends = Cancelled(day("2027-11-10"), day("2027-10-20"))
    assert over("2027-11-09", ends) == []
    assert over("2028-01-01", PAUSED, ends) == [("ended", "2027-11-10")]
    assert over("2028-01-01", Withdrawn(day("2027-10-05"))) == []


def test_a_trial_is_over_where_the_periods_begin() -> None:
    story = Story("trial", "2027-10-01")
    life = story.member.life()
    (found,) = passed(story.member.told, life, day("2030-01-01"))
    assert (found.kind, found.on) == ("trial_over", life.trial_until)
