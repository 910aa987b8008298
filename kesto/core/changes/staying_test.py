"""Taking a notice back, withdrawing from a contract, and a further term."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from kesto.core.catalog import PlanTerms
from kesto.core.changes import (
    AddExtra,
    CallOff,
    Cancel,
    ChangeQuantity,
    Keep,
    Pause,
    Renew,
    Withdraw,
    decide,
    ending,
)
from kesto.core.history import CalledOff, Renewed, Withdrawn
from kesto.core.life import TermSpan
from kesto.core.refusals import Conflict, Invalid, NotAllowed
from tests.refused import refused
from tests.simulator.story import Story, day
from tests.simulator.world import noon

NOTHING_AHEAD = (
    "nothing_to_keep",
    "action",
    "no notice lies ahead that could be taken back",
)


def test_a_notice_is_taken_back() -> None:
    story = Story("plus")
    story.asks(Cancel())
    notice = story.member.told[-1].seq
    story.asks(AddExtra("seat", Decimal(1), on=day("2027-12-01")))  # stays
    assert story.asks(Keep(), "2027-10-10") == [CalledOff(day("2027-10-10"), notice)]
    assert story.member.life().end_on is None
    assert refused(Conflict, lambda: story.asks(Keep())) == NOTHING_AHEAD


def test_every_notice_that_lies_ahead_is_taken_back() -> None:
    story = Story("plus")
    story.asks(Cancel())
    story.asks(Cancel(last_day=day("2027-11-30"), leaves_early=True))
    first, _, second = (one.seq for one in story.member.told[-3:])
    on = day("2027-10-01")
    assert story.asks(Keep()) == [CalledOff(on, first), CalledOff(on, second)]
    # What leaving early would have cost goes with it.
    assert story.bills("2028-01-31", None)[-1:] == [[2990] * 4]


def test_only_a_notice_is_taken_back() -> None:
    story = Story("seats")
    story.asks(ChangeQuantity(Decimal(2), on=day("2027-11-01")))
    assert refused(Conflict, lambda: story.asks(Keep())) == NOTHING_AHEAD


def test_a_notice_that_was_called_off_is_not_taken_back_again() -> None:
    story = Story("plus")
    story.asks(Cancel())
    story.asks(CallOff(story.member.told[-1].seq))
    assert refused(Conflict, lambda: story.asks(Keep())) == NOTHING_AHEAD


def test_what_has_ended_is_not_kept() -> None:
    story = Story("basic")
    story.asks(Cancel(), "2027-10-10")
    ended = ("nothing_to_keep", "action", "the subscription ended with 2027-10-10; subscribe anew")
    shop = story.world.shop(story.member)

    def keeps(text: str) -> object:
        return decide(story.member.told, Keep(), replace(shop, today=day(text)))

    assert keeps("2027-10-10")
    assert refused(Conflict, lambda: keeps("2027-10-11")) == ended
    assert refused(Conflict, lambda: keeps("2027-10-12")) == ended


def test_a_subscriber_withdraws_within_two_weeks() -> None:
    story = Story("plus")
    shop = replace(story.world.shop(story.member), is_staff=False, today=day("2027-10-15"))
    life = story.member.life()
    assert ending.withdraw(life, Withdraw(), shop) == [Withdrawn(day("2027-10-15"))]
    late = replace(shop, today=day("2027-10-16"))
    assert refused(NotAllowed, lambda: ending.withdraw(life, Withdraw(), late)) == (
        "withdrawal_over",
        "action",
        "the right of withdrawal ended on 2027-10-15; cancel instead",
    )
    longer = replace(late, withdrawal_days=15)
    assert ending.withdraw(life, Withdraw(), longer)
    staff = replace(late, is_staff=True)
    assert ending.withdraw(life, Withdraw(), staff) == [Withdrawn(day("2027-10-16"))]


def test_a_withdrawal_has_a_day_and_may_be_free() -> None:
    free = Withdraw(day("2027-10-05"), pays_for_use=False)
    assert Story("plus").asks(free) == [Withdrawn(day("2027-10-05"), pays_for_use=False)]
    assert Story("plus").asks(Withdraw(day("2027-10-01"))) == [Withdrawn(day("2027-10-01"))]
    early = Withdraw(day("2027-09-30"))
    assert refused(Invalid, lambda: Story("plus").asks(early)) == (
        "before_start",
        "on",
        "it starts on 2027-10-01",
    )


def test_what_has_not_begun_is_withdrawn_from_its_start() -> None:
    story = Story("plus")
    story.world.now = noon(day("2027-09-20"))
    assert story.asks(Withdraw()) == [Withdrawn(day("2027-10-01"))]


def test_what_ends_is_not_withdrawn_after() -> None:
    story = Story("basic")
    story.asks(Cancel(last_day=day("2027-10-10")))
    assert refused(NotAllowed, lambda: story.asks(Withdraw(day("2027-10-11"))))[0] == "ended"


def test_a_further_term_begins_where_the_last_one_ends() -> None:
    story = Story("plus")
    assert story.asks(Renew()) == [Renewed(day("2028-01-01"), 3)]
    assert story.asks(Renew(1000)) == [Renewed(day("2028-04-01"), 1000)]


@pytest.mark.parametrize("withdraw", [Withdraw(), Withdraw(pays_for_use=False)])
def test_what_is_withdrawn_is_not_renewed(withdraw: Withdraw) -> None:
    story = Story("plus")
    story.world.now = noon(day("2027-09-20"))  # undone before it begins: it has not ended yet
    story.asks(withdraw)
    assert story.member.life().is_withdrawn
    assert refused(Conflict, lambda: story.asks(Renew(3), "2027-09-20")) == (
        "withdrawn",
        "action",
        "the contract was withdrawn and can't be renewed; subscribe anew",
    )
    assert story.bills("2028-01-31", None) == []


def test_a_pause_puts_the_further_term_off() -> None:
    story = Story("plus")
    story.asks(Pause(day("2027-11-01"), day("2027-11-11")))
    assert story.asks(Renew(6)) == [Renewed(day("2028-01-11"), 6)]


def test_a_term_without_an_end_is_renewed_from_today() -> None:
    assert Story("basic").asks(Renew(6), "2027-10-10") == [Renewed(day("2027-10-10"), 6)]
    story = Story("basic")
    story.world.now = noon(day("2027-09-20"))
    assert story.asks(Renew(6)) == [Renewed(day("2027-10-01"), 6)]


def test_a_further_term_says_how_long_it_is() -> None:
    assert refused(Invalid, lambda: Story("basic").asks(Renew())) == (
        "missing",
        "months",
        "say for how many months",
    )
    wrong = ("bad_months", "months", "is from 0 to 1000 months")
    assert refused(Invalid, lambda: Story("plus").asks(Renew(-1))) == wrong
    assert refused(Invalid, lambda: Story("plus").asks(Renew(1001))) == wrong


def test_what_ends_goes_on_from_its_end() -> None:
    story = Story("basic")
    story.asks(Cancel(last_day=day("2027-10-31")))
    life, shop = story.member.life(), story.world.shop(story.member)
    for text in ("2027-10-01", "2027-11-01"):
        then = replace(shop, today=day(text))
        assert ending.renew(life, Renew(), then) == [Renewed(day("2027-11-01"), 0)]
        assert ending.renew(life, Renew(12), then) == [Renewed(day("2027-11-01"), 12)]
    late = replace(shop, today=day("2027-11-02"))
    assert refused(NotAllowed, lambda: ending.renew(life, Renew(12), late)) == (
        "ended",
        "on",
        "the subscription ends with 2027-10-31; keep it first, or subscribe anew",
    )


@pytest.mark.parametrize(("second", "begins"), [("2028-01-01", "2028-07-01"), ("2027-09-01", "")])
def test_the_term_that_starts_last_is_renewed(second: str, begins: str) -> None:
    story = Story("basic")
    spans = [TermSpan(day("2027-10-01"), 3, 0), TermSpan(day(second), 6, 0)]
    life = replace(story.member.life(), spans=spans, terms=PlanTerms(renewal_months=2))
    (event,) = ending.renew(life, Renew(), story.world.shop(story.member))
    assert event == Renewed(day(begins or "2028-01-01"), 2)
