"""Lives whose history was told out of order, called off or cut short."""

from decimal import Decimal

from kesto.core.changes import (
    AddAddOn,
    AddExtra,
    CallOff,
    Cancel,
    ChangePlan,
    ChangeQuantity,
    GiveCoupon,
    Keep,
    Pause,
    RemoveAddOn,
    Renew,
    Resume,
    Transfer,
    Withdraw,
)
from kesto.core.life import Life
from kesto.core.life_items import first_group
from tests.simulator.story import AINO, SAARA, VEIKKO, Story, day


def life(story: Story) -> Life:
    return story.member.life()


def test_what_was_sold_once_is_not_sold_again_to_another_payer() -> None:
    story = Story()
    story.asks(AddExtra("service", Decimal(5)), "2027-10-10")
    assert story.bills("2027-10-10") == [[2990, 500]]
    story.asks(Transfer("1"), "2027-11-01")
    assert story.bills("2027-11-01") == [[2990]]
    assert story.bills("2027-11-30") == []


def test_what_is_sold_once_on_a_day_ahead_is_paid_by_who_pays_then() -> None:
    story = Story()
    story.asks(AddExtra("service", Decimal(5), on=day("2027-11-10")))
    story.asks(Transfer("1", on=day("2027-11-01")))
    story.bills("2027-10-01")
    assert story.bills("2027-11-10", AINO) == []
    assert story.world.bill(day("2027-11-10")) == []
    assert [one.group_id for one in story.world.invoices] == [AINO, VEIKKO]


def test_a_transfer_told_later_for_an_earlier_day_keeps_the_first_payer() -> None:
    story = Story()
    story.asks(Transfer("1", on=day("2027-12-01")))
    story.asks(Transfer("2", on=day("2027-11-01")))
    assert first_group(story.member.told, VEIKKO) == AINO
    payers = [item.group_id for item in life(story).items if item.end_on != item.start_on]
    assert payers == [AINO, SAARA, VEIKKO]


def test_a_term_that_was_agreed_does_not_revive_what_ended_before_it() -> None:
    story = Story("plus")
    story.asks(Renew(12))
    story.asks(Cancel(last_day=day("2027-10-31"), waives_notice=True))
    assert life(story).end_on == day("2027-11-01")


def test_a_renewal_undoes_the_notice_that_it_follows() -> None:
    story = Story("plus")
    story.asks(Cancel(last_day=day("2027-10-31"), waives_notice=True))
    story.asks(Renew(2))
    assert life(story).end_on == day("2028-01-01")


def test_a_withdrawal_does_not_put_off_an_earlier_end() -> None:
    story = Story("plus")
    story.asks(Withdraw(day("2027-10-20")))
    story.asks(Cancel(last_day=day("2027-10-09"), waives_notice=True))
    assert life(story).end_on == day("2027-10-10")


def test_of_two_pauses_on_one_day_the_later_one_counts_alone() -> None:
    story = Story("plus")
    story.asks(Pause(on=day("2027-11-01"), percent=Decimal(50)))
    (resumed,) = story.asks(Resume(on=day("2027-11-11")))
    story.asks(Pause(on=day("2027-11-21"), percent=Decimal(50)))
    story.asks(CallOff(story.member.told[-2].seq))
    assert resumed.on == day("2027-11-11")
    story.bills("2027-10-01")
    assert story.bills("2027-11-01") == [[1495]]


def test_an_add_on_runs_once_though_its_removal_was_called_off() -> None:
    story = Story("seats", add_ons=("storage",))
    story.asks(RemoveAddOn("storage", on=day("2027-11-01")))
    removal = story.member.told[-1].seq
    story.asks(AddAddOn("storage", Decimal(3), on=day("2027-12-01")))
    story.asks(CallOff(removal))
    story.bills("2027-10-01")
    assert story.bills("2027-11-01") == [[333, 222]]
    assert story.bills("2027-12-01") == [[333, 666]]


def test_a_notice_that_is_taken_back_takes_what_leaving_costs_with_it() -> None:
    story = Story("plus", on="2027-10-01")
    story.bills("2027-10-01")
    story.asks(Cancel(last_day=day("2027-10-20"), leaves_early=True), "2027-10-20")
    assert story.bills("2027-10-20") == [[-1061, 3521]]
    story.asks(Keep())
    billed = story.world.billed[AINO].values()
    story.bills("2027-10-20")
    story.bills("2027-11-01")
    assert sum(one.amount_minor for one in billed) == 2 * 2990


def test_leaving_still_earlier_costs_once() -> None:
    story = Story("plus", on="2027-10-01")
    story.bills("2027-10-01")
    story.asks(Cancel(last_day=day("2027-11-30"), leaves_early=True))
    story.asks(Cancel(last_day=day("2027-10-31"), leaves_early=True))
    charged = [item for item in life(story).items if item.is_for_leaving]
    assert [item.end_on == item.start_on for item in charged] == [False, True]


def test_a_notice_called_off_as_a_change_costs_nothing_either() -> None:
    story = Story("plus", on="2027-10-01")
    story.bills("2027-10-01")
    story.asks(Cancel(last_day=day("2027-10-20"), leaves_early=True))
    story.asks(CallOff(story.member.told[-1].seq))
    assert story.bills("2027-10-20") == []
    assert story.bills("2027-11-01") == [[2990]]


def test_a_plan_change_that_cuts_a_trial_short_begins_the_periods() -> None:
    story = Story("trial", on="2027-10-01", alignment="billing_day", billing_day=15)
    assert story.bills("2027-10-01") == []
    story.asks(ChangePlan("basic", 2, when="now"), "2027-10-05")
    # 10 of the 30 days from 15 September to 15 October, and the set-up is of version 1 only.
    assert story.bills("2027-10-05") == [[0, 363]]
    story.asks(AddAddOn("storage"), "2027-10-06")
    # 9 of the 30 days: what comes after the trial is not free until the old trial's end.
    assert story.bills("2027-10-06") == [[67]]
    assert story.bills("2027-10-15") == [[1090, 222]]


def test_a_change_at_the_end_of_the_period_comes_where_the_trial_ends() -> None:
    story = Story("trial", on="2027-10-01")
    (event,) = story.asks(ChangePlan("basic", 2, when="period_end"), "2027-10-05")
    assert event.on == day("2027-10-15")
    assert story.bills("2027-10-15") == [[0, 1090]]
    assert story.bills("2027-11-15") == [[1090]]


def test_a_discount_that_grows_is_taken_in_full() -> None:
    story = Story("seats", on="2027-10-01", quantity="1")
    story.asks(GiveCoupon("ten"))
    assert story.bills("2027-11-01") == [[333, -333]]
    story.asks(ChangeQuantity(Decimal(5), on=day("2027-10-01")))
    assert story.bills("2027-11-01") == [[1332, -667]]


def test_a_quantity_reaches_the_phases_that_lie_ahead() -> None:
    story = Story("ramp", on="2027-10-01", quantity="2")
    story.asks(ChangeQuantity(Decimal(3)))
    assert story.bills("2027-10-01") == [[1502]]
    assert story.bills("2027-11-01") == [[1502]]
    assert story.bills("2027-12-01") == [[3003]]
