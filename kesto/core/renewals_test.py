"""Terms that renew by themselves, and what ends that."""

from decimal import Decimal
from uuid import UUID

from kesto.core.catalog import PlanTerms
from kesto.core.history import (
    Cancelled,
    ItemStart,
    PlanChanged,
    Renewed,
    Subscribed,
    SubscriptionEvent,
    Told,
)
from kesto.core.play import play
from kesto.core.renewals import renewals
from tests.simulator.story import day

OWN, PLAN = UUID(int=1), UUID(int=2)
HALF = PlanTerms(minimum_months=6, at_term_end="renew", renewal_months=6)


def item(number: int) -> ItemStart:
    return ItemStart(UUID(int=number), PLAN, "plan", f"{Decimal(1)}", "plan")


def begun(on: str, terms: PlanTerms = HALF, ends: str = "") -> Subscribed:
    return Subscribed(
        day(on), "anniversary", (item(3),), terms=terms, end_on=day(ends) if ends else None
    )


def renewed(through: str, *events: SubscriptionEvent) -> list[tuple[str, str, int]]:
    told = [Told(seq, OWN, event) for seq, event in enumerate(events, 1)]
    found = renewals(told, play(told), day(through))
    return [(str(one.on), str(one.until), one.months) for one in found]


def test_each_term_follows_the_one_before_and_keeps_its_day_of_the_month() -> None:
    start = begun("2026-08-31")
    assert renewed("2027-02-27", start) == []
    assert renewed("2027-02-28", start) == [("2027-02-28", "2027-08-31", 6)]
    assert renewed("2028-03-01", start) == [
        ("2027-02-28", "2027-08-31", 6),
        ("2027-08-31", "2028-02-29", 6),
        ("2028-02-29", "2028-08-31", 6),
    ]


def test_what_ends_or_goes_on_open_ended_does_not_renew() -> None:
    for terms in (
        PlanTerms(minimum_months=6, at_term_end="open_ended", renewal_months=6),
        PlanTerms(minimum_months=6, at_term_end="end"),
        PlanTerms(at_term_end="renew", renewal_months=6),
    ):
        assert renewed("2030-01-01", begun("2026-10-01", terms)) == []
    assert renewed("2030-01-01", begun("2026-10-01", ends="2027-04-01")) == []
    notice = Cancelled(day("2027-10-01"), day("2027-05-05"))
    assert renewed("2030-01-01", begun("2026-10-01"), notice) == [("2027-04-01", "2027-10-01", 6)]


def test_a_term_that_was_agreed_is_an_event_and_those_after_it_renew_again() -> None:
    agreed = Renewed(day("2027-04-01"), 12)
    assert renewed("2028-04-01", begun("2026-10-01"), agreed) == [("2028-04-01", "2028-10-01", 6)]


def test_another_plan_renews_by_its_own_terms_from_then_on() -> None:
    yearly = PlanTerms(minimum_months=12, at_term_end="renew", renewal_months=12)
    change = PlanChanged(day("2027-06-01"), (item(4),), terms=yearly)
    assert renewed("2028-06-01", begun("2026-10-01"), change) == [
        ("2027-04-01", "2027-10-01", 6),
        ("2028-06-01", "2029-06-01", 12),
    ]
