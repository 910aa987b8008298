"""What falls due waits its grace as a draft, takes up what changes meanwhile, and is then invoiced;
a subscription may have invoices of its own."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from msgspec.structs import replace

from kesto.core.changes import AddExtra, ChangePlan, Transfer, Withdraw
from kesto.core.refusals import Conflict, Invalid, NotFound
from kesto.flows import bill
from kesto.flows.change_settings import change_merchant
from kesto.flows.issue_now import issue_now
from kesto.flows.live_through import live_through
from kesto.flows.preview_next import preview_next
from kesto.flows.show_drafts import Drafts, ShownDraft, show_draft, show_drafts
from kesto.store import merchants
from kesto.store.session import reading
from kesto.verify import verify
from tests.town import ACTOR, Citizen, Town, day, morning

READING = AddExtra("reading", Decimal(5))


def waits(town: Town, grace_days: int) -> None:
    """Let drafts wait so many days."""
    with reading(town.merchant_id) as session:
        limits = merchants.limits(session)
    wanted = replace(limits, grace_days=grace_days)
    change_merchant(town.merchant_id, "Town", wanted, town.now, ACTOR)


def drafts(town: Town) -> tuple[ShownDraft, ...]:
    with reading(town.merchant_id) as session:
        return show_drafts(session, town.now.date(), "en").found


def only_draft(town: Town) -> ShownDraft:
    (draft,) = drafts(town)
    return draft


def total_minor(draft: ShownDraft) -> int:
    return draft.next.view.total_minor


def issue(town: Town, draft: ShownDraft) -> tuple[UUID, ...]:
    return issue_now(town.merchant_id, draft.next.group_id, town.now, ACTOR, seal=draft.seal)


def through(town: Town) -> list[date]:
    return [one.invoice.through for one in town.invoices()]


@pytest.fixture
def aino(town: Town) -> Citizen:
    """A subscriber whose first month is billed, in a town that waits a week."""
    found = town.customer("Aino")
    found.subscribes("basic", on="2026-10-01")
    town.bill(on="2026-10-01")
    waits(town, 7)
    return found


def test_a_draft_waits_its_grace(town: Town, aino: Citizen) -> None:
    assert town.bill(on="2026-10-31") == []
    assert drafts(town) == ()
    assert town.bill(on="2026-11-01") == []
    draft = only_draft(town)
    assert (draft.payer, draft.next.due_through) == ("Aino", day("2026-11-01"))
    assert draft.next.bill_on == day("2026-11-08")
    assert town.bill(on="2026-11-07") == []
    assert only_draft(town).seal == draft.seal
    (made,) = town.bill(on="2026-11-08")
    assert (made.invoice.through, made.invoice.invoice_on) == (
        day("2026-11-01"),
        day("2026-11-08"),
    )
    assert made.invoice.total_minor == total_minor(draft)
    assert drafts(town) == ()
    assert aino.invoices()[-1] == made
    assert verify(town.merchant_id) == []


def test_what_changes_meanwhile_shows_in_it(town: Town, aino: Citizen) -> None:
    own = aino.subscribes("plus", on="2026-11-01")
    town.bill(on="2026-11-01")
    before = only_draft(town)
    town.clock("2026-11-03")
    aino.changes(own, ChangePlan("max", on=day("2026-11-01")))
    more = only_draft(town)
    assert total_minor(more) > total_minor(before)
    aino.changes(own, replace(READING, on=more.next.due_through))
    most = only_draft(town)
    assert total_minor(most) == total_minor(more) + 500
    assert most.next.bill_on == day("2026-11-08")
    (made,) = town.bill(on="2026-11-08")
    assert made.invoice.total_minor == total_minor(most)
    assert verify(town.merchant_id) == []


def test_a_change_of_today_waits_its_own_grace(town: Town, aino: Citizen) -> None:
    own = aino.subscribes("basic", on="2026-10-05")
    town.bill(on="2026-10-12")
    town.clock("2026-10-20")
    aino.changes(own, READING)
    draft = only_draft(town)
    assert (draft.next.due_through, draft.next.bill_on) == (day("2026-10-20"), day("2026-10-27"))
    assert town.bill(on="2026-10-26") == []
    (made,) = town.bill(on="2026-10-27")
    assert made.invoice.total_minor == total_minor(draft) == 500
    assert verify(town.merchant_id) == []


def test_issued_now_it_is_not_issued_again(town: Town, aino: Citizen) -> None:
    town.clock("2026-11-02")
    draft = only_draft(town)
    (own,) = issue(town, draft)
    made = aino.invoices()[-1]
    assert (made.invoice.id, made.invoice.invoice_on) == (own, day("2026-11-02"))
    assert made.invoice.through == day("2026-11-01")
    assert made.invoice.total_minor == total_minor(draft)
    with pytest.raises(NotFound) as refused:
        issue(town, draft)
    assert refused.value.code == "unknown_draft"
    town.seen.add(own)
    assert town.bill(on="2026-11-08") == []
    assert [one.invoice.through for one in town.bill(on="2026-12-08")] == [day("2026-12-01")]
    assert verify(town.merchant_id) == []


def test_another_draft_than_was_shown_is_not_issued(town: Town, aino: Citizen) -> None:
    town.clock("2026-11-02")
    draft = only_draft(town)
    aino.subscribes("max", on="2026-11-01")
    with pytest.raises(Conflict) as refused:
        issue(town, draft)
    assert refused.value.code == "draft_changed"
    issue(town, only_draft(town))
    assert drafts(town) == ()
    assert verify(town.merchant_id) == []


def test_a_late_run_takes_what_has_waited_long_enough(town: Town, aino: Citizen) -> None:
    second = town.customer("Veikko")
    second.subscribes("max", on="2026-11-06")
    made = town.bill(on="2026-11-12")
    assert [one.invoice.customer_id for one in made] == [aino.customer.id]
    assert made[0].invoice.through == day("2026-11-05")
    draft = only_draft(town)
    assert (draft.payer, draft.next.bill_on) == ("Veikko", day("2026-11-13"))
    town.clock("2026-11-20")
    assert only_draft(town).next.bill_on == day("2026-11-20")
    assert [one.invoice.through for one in town.bill(on="2026-11-20")] == [day("2026-11-13")]
    assert verify(town.merchant_id) == []


def test_one_of_two_groups_is_issued(town: Town, aino: Citizen) -> None:
    second = town.customer("Veikko")
    second.subscribes("max", on="2026-11-01")
    town.clock("2026-11-02")
    found = drafts(town)
    assert [one.payer for one in found] == ["Veikko", "Aino"]
    issue(town, found[0])
    assert [one.payer for one in drafts(town)] == ["Aino"]
    with reading(town.merchant_id) as session:
        nobodys = show_drafts(session, town.now.date(), "en", payer_id=second.customer.id)
        pages = [show_drafts(session, town.now.date(), "en", limit=1)]
    assert nobodys == Drafts((), None)
    assert [len(page.found) for page in pages] == [1]
    assert aino.invoices() == []
    assert verify(town.merchant_id) == []


def test_the_preview_is_what_the_grace_lets_through(town: Town, aino: Citizen) -> None:
    town.clock("2026-11-02")
    with reading(town.merchant_id) as session:
        (coming,) = preview_next(session, aino.customer.id, town.now.date(), "en")
        draft = show_draft(session, coming.group_id, town.now.date(), "en")
    assert coming == draft.next
    assert coming.view.issued_on == day("2026-11-08")


def test_time_that_passes_bills_when_the_grace_is_over(town: Town, aino: Citizen) -> None:
    live_through(town.merchant_id, morning("2026-12-10"))
    assert [str(one.invoice.invoice_on) for one in aino.invoices()] == [
        *("2026-11-08", "2026-12-08")
    ]
    assert verify(town.merchant_id) == []


def test_a_run_that_was_left_open_keeps_its_grace(town: Town, aino: Citizen) -> None:
    town.clock("2026-11-08")
    begun = bill.begin(town.merchant_id, day("2026-11-08"), town.now)
    waits(town, 0)
    with pytest.raises(Conflict) as refused:
        issue(town, only_draft(town))
    assert refused.value.code == "run_open"
    again = bill.begin(town.merchant_id, day("2026-11-08"), town.now)
    assert (again.id, again.due_through) == (begun.id, day("2026-11-01"))
    assert bill.work(again, town.now) == 1
    assert through(town)[-1] == day("2026-11-01")
    assert aino.invoices()[-1].invoice.invoice_on == day("2026-11-08")


def test_a_draft_out_of_bounds_is_issued_by_who_looked_at_it(town: Town, aino: Citizen) -> None:
    with reading(town.merchant_id) as session:
        low = replace(merchants.limits(session), invoice_limit_minor=100)
    change_merchant(town.merchant_id, "Town", low, town.now, ACTOR)
    town.clock("2026-11-02")
    draft = only_draft(town)
    assert draft.next.is_checked
    with pytest.raises(Conflict) as refused:
        issue(town, draft)
    assert refused.value.code == "out_of_bounds"
    who = (town.merchant_id, draft.next.group_id, town.now, ACTOR)
    issue_now(*who, seal=draft.seal, accepts_bounds=True)
    assert aino.invoices()[-1].invoice.total_minor == total_minor(draft)
    assert verify(town.merchant_id) == []


def test_a_draft_below_zero_becomes_credit_notes(town: Town, aino: Citizen) -> None:
    own = aino.subscribes("year", on="2026-10-01")
    town.bill(on="2026-10-08")
    town.clock("2026-10-10")
    aino.changes(own, Withdraw())
    draft = only_draft(town)
    assert total_minor(draft) < 0
    (own,) = issue(town, draft)
    (note,) = [one for one in aino.invoices() if one.invoice.id == own]
    assert (note.invoice.kind, note.invoice.total_minor) == ("credit_note", -total_minor(draft))
    assert verify(town.merchant_id) == []


def test_a_month_closes_while_its_last_days_are_drafts(town: Town, aino: Citizen) -> None:
    aino.subscribes("max", on="2026-10-28")
    town.bill(on="2026-11-02")
    town.closes("2026-10")
    assert [one.next.due_through for one in drafts(town)] == [day("2026-10-28")]
    issue(town, only_draft(town))
    assert aino.invoices()[-1].invoice.invoice_on == day("2026-11-02")


def test_a_grace_is_up_to_thirty_days(town: Town) -> None:
    for days in (-1, 31):
        with pytest.raises(Invalid) as refused:
            waits(town, days)
        assert refused.value.field == "grace_days"
    waits(town, 30)


def test_a_subscription_has_invoices_of_its_own(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("basic", on="2026-10-01")
    own = aino.subscribes("basic", on="2026-10-01", is_consolidated=False)
    aino.subscribes("seats", on="2026-10-01")
    made = town.bill(on="2026-11-01")
    assert sorted(len(one.lines) for one in made) == [1, 3]
    town.clock("2026-11-05")
    veikko = town.customer("Veikko")
    veikko.subscribes("basic", on="2026-11-01")
    aino.changes(own, Transfer("veikko", on=day("2026-12-01")))
    town.bill(on="2026-12-01")
    town.bill(on="2027-01-01")
    assert [len(one.lines) for one in veikko.invoices()[-2:]] == [1, 1]
    assert len(veikko.invoices()) == 3
    assert verify(town.merchant_id) == []
