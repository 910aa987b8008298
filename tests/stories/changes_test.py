"""Changes in the life of a subscription, as the next invoices show them."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from kesto.core.changes import (
    AddAddOn,
    AddExtra,
    CallOff,
    Cancel,
    ChangeBillingDay,
    ChangePlan,
    ChangeQuantity,
    Keep,
    Pause,
    RemoveAddOn,
    Resume,
    Transfer,
    Withdraw,
)
from kesto.core.refusals import Conflict, NotAllowed
from kesto.core.subscription import Term
from kesto.flows.credit import Sum
from kesto.store.invoices import Stored
from kesto.verify.proof import verify
from tests.town import Town, day


def amounts(invoices: Sequence[Stored]) -> list[list[int]]:
    return [[line.rated.amount_minor for line in one.lines] for one in invoices]


def sound(town: Town) -> bool:
    found = verify(town.merchant_id)
    assert found == []
    return True


def test_an_upgrade_in_mid_month_credits_the_old_plan_and_charges_the_new(town: Town) -> None:
    aino = town.customer("Aino")
    plus = aino.subscribes("plus", on="2026-10-01")
    assert amounts(town.bill(on="2026-10-01")) == [[2990, 1500]]
    town.clock("2026-10-11")
    preview = aino.previews(plus, ChangePlan("max"))
    aino.changes(plus, ChangePlan("max"))
    invoices = town.bill(on="2026-10-11")
    # 29.90 x 10/31 = 9.65 used, so 20.25 back; 49.90 x 21/31 = 33.80.
    assert sorted(amounts(invoices)[0]) == [-2025, 3380]
    (group,) = preview.groups
    assert [one.rated.amount_minor for one in group.bills[0].draft.lines] == amounts(invoices)[0]
    assert amounts(town.bill(on="2026-11-01")) == [[4990]]
    assert [one.rated.amount_minor for one in group.bills[1].draft.lines] == [4990]
    assert group.before is not None
    assert group.before.draft.totals.total_minor == 2990
    assert sound(town)


def test_a_cheaper_plan_begins_with_the_next_period(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("max", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-11")
    assert aino.changes(own, ChangePlan("plus")).on == day("2026-11-01")
    assert town.bill(on="2026-10-31") == []
    assert sorted(amounts(town.bill(on="2026-11-01"))[0]) == [1500, 2990]
    assert sound(town)


def test_a_change_that_lies_ahead_is_called_off(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("max", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-11")
    aino.changes(own, ChangePlan("plus"))
    (event,) = [seq for seq, kind in town.history(own) if kind == "plan_changed"]
    aino.changes(own, CallOff(event))
    assert amounts(town.bill(on="2026-11-01")) == [[4990]]
    with pytest.raises(Exception, match="no change"):
        aino.changes(own, CallOff(event))
    assert sound(town)


def test_a_yearly_plan_opens_periods_of_its_own(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("max", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-11")
    aino.changes(own, ChangePlan("year", when="now"))
    (invoice,) = town.bill(on="2026-10-11")
    assert sorted(amounts([invoice])[0]) == [-3380, 29900]
    assert town.bill(on="2027-10-10") == []
    assert amounts(town.bill(on="2027-10-11")) == [[29900]]
    assert sound(town)


def test_seats_that_come_in_a_month_are_charged_from_their_day_on(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("seats", on="2026-10-01", quantity="100")
    town.clock("2026-10-11")
    aino.changes(own, ChangeQuantity(Decimal(110)))
    (invoice,) = town.bill(on="2026-11-01")
    # 33.30 + 10 x 0.333 x 21/31 = 35.5558
    assert amounts([invoice]) == [[3556]]
    assert invoice.lines[0].rated.quantity == Decimal(110)
    assert amounts(town.bill(on="2026-12-01")) == [[3663]]
    assert sound(town)


def test_a_paused_month_costs_what_was_agreed(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("plus", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-20")
    aino.changes(own, Pause(on=day("2026-11-11"), percent=Decimal(0)))
    with pytest.raises(Conflict):
        aino.changes(own, Pause(on=day("2026-11-12")))
    assert amounts(town.bill(on="2026-11-01")) == [[997]]  # 10 of 30 days
    assert town.bill(on="2026-12-01") == []
    town.clock("2026-12-16")
    aino.changes(own, Resume())
    assert amounts(town.bill(on="2026-12-16")) == [[1543]]  # 16 of 31 days
    assert amounts(town.bill(on="2027-01-01")) == [[2990]]
    assert sound(town)


def test_notice_ends_the_subscription_with_its_last_day(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("plus", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-20")
    aino.changes(own, Cancel(reason="moving"))
    # The notice of 14 days ends on 3 November, a day of service that is paid.
    assert amounts(town.bill(on="2026-11-01")) == [[299]]
    assert town.bill(on="2026-12-01") == []
    with pytest.raises(Conflict, match="ended"):
        aino.changes(own, Keep())
    assert sound(town)


def test_a_notice_that_is_taken_back_leaves_nothing_behind(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("plus", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-20")
    aino.changes(own, Cancel())
    with pytest.raises(Conflict):
        aino.changes(own, Cancel())
    aino.changes(own, Keep())
    assert amounts(town.bill(on="2026-11-01")) == [[2990]]
    assert sound(town)


def test_an_add_on_comes_and_goes(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("plus", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-11")
    aino.changes(own, AddAddOn("safety"))
    with pytest.raises(Conflict):
        aino.changes(own, AddAddOn("safety"))
    assert sorted(amounts(town.bill(on="2026-11-01"))[0]) == [338, 2990]  # 21 of 31 days
    aino.changes(own, RemoveAddOn("safety"))
    assert sorted(amounts(town.bill(on="2026-12-01"))[0]) == [499, 2990]
    assert amounts(town.bill(on="2027-01-01")) == [[2990]]
    assert sound(town)


def test_another_payer_pays_from_the_day_on(town: Town) -> None:
    aino, veikko = town.customer("Aino"), town.customer("Veikko")
    own = aino.subscribes("plus", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-20")
    preview = aino.previews(own, Transfer("veikko", on=day("2026-11-01")))
    assert len(preview.groups) == 2
    aino.changes(own, Transfer("veikko", on=day("2026-11-01")))
    (invoice,) = town.bill(on="2026-11-01")
    assert invoice.invoice.customer_id == veikko.customer.id
    assert amounts([invoice]) == [[2990]]
    assert sound(town)


def test_another_billing_day_opens_a_short_period(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("plus", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-20")
    aino.changes(own, ChangeBillingDay(billing_day=15))
    assert amounts(town.bill(on="2026-11-01")) == [[1350]]  # 14 of the 31 days to 15 November
    assert amounts(town.bill(on="2026-11-15")) == [[2990]]
    assert sound(town)


def test_something_once_comes_with_the_next_invoice(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("plus", on="2026-10-01")
    town.bill(on="2026-10-01")
    aino.changes(own, AddExtra("reading", Decimal("12.345"), Decimal(2), {"en": "A visit"}))
    assert amounts(town.bill(on="2026-10-02")) == [[2469]]
    assert sound(town)


def test_what_is_withdrawn_before_it_was_billed_costs_its_days_or_nothing(town: Town) -> None:
    aino = town.customer("Aino")
    used, unused = (aino.subscribes("basic", on="2026-10-01") for _ in range(2))
    town.clock("2026-10-04")
    aino.changes(used, Withdraw())
    aino.changes(unused, Withdraw(pays_for_use=False))
    assert amounts(town.bill(on="2026-11-01")) == [[97]]  # 3 of 31 days
    with pytest.raises(NotAllowed, match="ends with"):
        aino.changes(used, ChangePlan("max"))
    assert sound(town)


def test_what_an_ended_customer_paid_too_much_comes_back_as_a_credit_note(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("plus", on="2026-10-01", term=Term(notice_days=0))
    (first,) = town.bill(on="2026-10-01")
    town.pays(first)
    town.clock("2026-10-11")
    aino.changes(own, Cancel())
    (note,) = town.bill(on="2026-10-12")
    assert note.invoice.kind == "credit_note"
    assert note.invoice.credits_invoice_id == first.invoice.id
    assert amounts([note]) == [[1929]]  # 20 of 31 days
    assert town.bill(on="2026-11-01") == []
    aino.subscribes("plus", on="2026-11-01")
    (second,) = town.bill(on="2026-11-02")
    assert town.open_minor(second) == 4490 - 1929
    assert sound(town)


def test_what_was_given_back_by_hand_is_not_given_back_again(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("plus", on="2026-10-01", term=Term(notice_days=0))
    (first,) = town.bill(on="2026-10-01")
    town.credits(first)
    town.clock("2026-10-11")
    town.seen |= {one.invoice.id for one in town.invoices()}
    aino.changes(own, Cancel())
    assert town.bill(on="2026-10-12") == []
    assert sound(town)


def test_a_credit_note_of_a_run_is_taken_off_what_is_open(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("year", on="2026-10-01", term=Term(notice_days=0))
    (first,) = town.bill(on="2026-10-01")
    town.clock("2026-10-11")
    aino.changes(own, ChangePlan("plus", when="now"))
    made = town.bill(on="2026-10-11")
    kinds = sorted((one.invoice.kind, one.invoice.total_minor) for one in made)
    assert kinds == [("credit_note", 29900 - 819), ("invoice", 4490)]
    assert town.open_minor(first) == 819
    assert sound(town)


def test_what_a_later_invoice_took_back_is_not_credited_by_hand_again(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("plus", on="2026-10-01")
    (first,) = town.bill(on="2026-10-01")
    town.clock("2026-10-11")
    aino.changes(own, ChangePlan("max"))
    town.bill(on="2026-10-11")  # takes 20.25 of the month back
    town.credits(first)
    (note,) = [one for one in town.invoices() if one.invoice.kind == "credit_note"]
    assert note.invoice.total_minor == first.invoice.total_minor - 2025
    with pytest.raises(Conflict, match="by lines"):
        town.credits(first, wanted=Sum(100))
    assert sound(town)
