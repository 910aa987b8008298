"""Credit before tax: it comes off the lines before VAT, once, and stays with its invoice."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from kesto.core.changes import Cancel, ChangePlan
from kesto.core.line import CREDIT
from kesto.core.refusals import Conflict, Invalid
from kesto.flows.change_settings import change_merchant
from kesto.flows.credit import Lines, Sum
from kesto.flows.give_credit import NewCredit, give_credit
from kesto.flows.issue_now import issue_now
from kesto.flows.preview_next import preview_next
from kesto.flows.quote_change import confirm_quote, quote_change
from kesto.flows.show_drafts import show_drafts
from kesto.store import grants, merchants
from kesto.store.invoices import Stored
from kesto.store.session import reading
from kesto.verify import verify
from tests.stories.grants_test import left
from tests.stories.seen import books, paper, text
from tests.town import ACTOR, Citizen, Town, day


def given(citizen: Citizen, amount_minor: int, reason: str = "sorry", **rules: Any) -> None:
    town = citizen.town
    wanted = {"kind": "given", "reason": reason, "before_tax": True, **rules}
    credit = NewCredit(amount_minor=amount_minor, **wanted)
    give_credit(town.merchant_id, citizen.customer.id, credit, town.now, ACTOR)


def amounts(stored: Stored) -> list[int]:
    return [line.rated.amount_minor for line in stored.lines]


def credit_of(stored: Stored) -> list[int]:
    return [line.rated.amount_minor for line in stored.lines if line.rated.kind == CREDIT]


@pytest.fixture(params=[True, False], ids=["with VAT", "without VAT"])
def anyone(town: Town, request: pytest.FixtureRequest) -> Citizen:
    seller = town if request.param else Town.founded(includes_tax=False)
    return seller.customer("Aino")


def test_it_comes_off_before_vat_and_the_next_invoice_takes_the_rest(anyone: Citizen) -> None:
    town = anyone.town
    anyone.subscribes("max", on="2026-10-01")
    given(anyone, 6000)
    with reading(town.merchant_id) as session:
        (coming,) = preview_next(session, anyone.customer.id, day("2026-10-01"), "en")
    (first,) = town.bill(on="2026-10-01")
    off = sum(credit_of(first))
    assert coming.view.total_minor == first.invoice.total_minor
    assert [line.amount_minor for line in coming.view.lines] == amounts(first)
    assert -6000 <= off < 0
    assert left(anyone) == {"sorry": 6000 + off}
    assert "goodwill" not in books(town)
    assert town.bill(on="2026-10-01") == []
    town.bill(on="2026-11-01")
    assert verify(town.merchant_id) == []
    assert left(anyone)["sorry"] == max(0, 6000 + 2 * off)


def test_it_says_what_was_given_when_and_what_is_left(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("max", on="2026-10-01")
    given(aino, 6000)
    (first,) = town.bill(on="2026-10-01")
    taken = -sum(credit_of(first))
    said = text(town, first)
    assert f"Credit of €60.00 given on 1 October 2026, €{60 - taken / 100:.2f} left." in said
    assert first.invoice.total_minor == 0


def test_what_expires_first_is_used_first_and_money_pays_the_rest(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("plus", on="2026-10-01")
    given(aino, 100, "late", expires_on=date(2027, 5, 31))
    given(aino, 200, "soon", expires_on=date(2026, 12, 31))
    given(aino, 50, "gone", expires_on=date(2026, 10, 31))
    given(aino, 300, "paid later", before_tax=False)
    (first,) = town.bill(on="2026-11-01")
    assert credit_of(first) == [-200, -100]
    assert paper(town, first).credit_used_minor == 300
    assert left(aino) == {"late": 0, "soon": 0, "gone": 50, "paid later": 0}
    assert verify(town.merchant_id) == []


def test_a_change_in_the_past_leaves_it_alone(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("max", on="2026-10-01")
    given(aino, 400)
    (first,) = town.bill(on="2026-10-01")
    town.clock("2026-10-11")
    preview = aino.previews(own, ChangePlan("year", on=day("2026-10-11")))
    aino.changes(own, ChangePlan("year", on=day("2026-10-11")))
    made = town.bill(on="2026-10-11")
    total = sum(one.invoice.total_minor for one in made)
    assert credit_of(first) == [-400]
    assert [credit_of(one) for one in made] == [[]]
    assert preview.groups[0].bills[0].total_minor == total
    assert town.bill(on="2026-10-11") == []
    assert verify(town.merchant_id) == []


def test_what_a_run_credits_gives_its_share_back(anyone: Citizen) -> None:
    town = anyone.town
    own = anyone.subscribes("max", on="2026-10-01")
    given(anyone, 400)
    (first,) = town.bill(on="2026-10-01")
    whole = amounts(first)[0]
    town.pays(first)
    town.clock("2026-10-11")
    command = Cancel(last_day=day("2026-10-20"), waives_notice=True)
    preview = anyone.previews(own, command)
    anyone.changes(own, command)
    (note,) = town.bill(on="2026-10-21")
    back = amounts(note)[0]
    share = -sum(credit_of(note))
    assert 0 < back < whole
    assert abs(share - 400 * back / whole) <= 0.5
    assert preview.groups[0].bills[0].total_minor == -note.invoice.total_minor
    assert sum(one.rated.amount_minor for one in preview.groups[0].bills[0].draft.lines) == (
        share - back
    )
    with reading(town.merchant_id) as session:
        found = grants.of_customer(session, anyone.customer.id, 20)
    assert [one.left_minor for one in found if one.before_tax and one.left_minor] == [share]
    assert town.bill(on="2026-10-21") == []
    assert verify(town.merchant_id) == []


def test_an_invoice_that_it_paid_whole_gives_it_back_whole(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("max", on="2026-10-01")
    given(aino, 10_000)
    (first,) = town.bill(on="2026-10-01")
    assert first.invoice.total_minor == 0
    taken = -sum(credit_of(first))
    aino.changes(own, Cancel(last_day=day("2026-10-01"), waives_notice=True))
    (note,) = town.bill(on="2026-10-02")
    assert note.invoice.total_minor == 0
    back = -sum(credit_of(note))
    assert 0 < back < taken
    assert sum(left(aino).values()) == 10_000 - taken + back
    assert verify(town.merchant_id) == []


def test_a_credit_note_by_hand_gives_its_share_back(anyone: Citizen) -> None:
    town = anyone.town
    anyone.subscribes("plus", on="2026-10-01")
    given(anyone, 500)
    (first,) = town.bill(on="2026-10-01")
    town.credits(first, wanted=Sum(100))
    with pytest.raises(Invalid):
        town.credits(first, wanted=Lines({len(first.lines): None}))
    town.credits(first, wanted=Lines({1: 300}))
    town.credits(first)
    notes = [one for one in town.invoices() if one.invoice.kind == "credit_note"]
    assert sum(one.invoice.total_minor for one in notes) == first.invoice.total_minor
    assert sum(sum(credit_of(one)) for one in notes) == -500
    assert credit_of(notes[0]) == []
    with reading(town.merchant_id) as session:
        found = grants.of_customer(session, anyone.customer.id, 20)
    assert sum(one.left_minor for one in found if one.before_tax) == 500
    with pytest.raises(Conflict):
        town.credits(first)
    assert verify(town.merchant_id) == []
    town.bill(on="2026-11-01")
    assert verify(town.merchant_id) == []


def test_an_invoice_by_hand_takes_it_too(town: Town) -> None:
    aino = town.customer("Aino")
    given(aino, 1000)
    aino.is_invoiced(("Visit", "1", "50"), ("Cable", "2", "5"), includes_tax=False)
    (made,) = aino.invoices()
    assert made.invoice.net_minor == 5000
    assert sum(credit_of(made)) == -1000
    town.credits(made)
    assert verify(town.merchant_id) == []


def test_a_quote_and_a_draft_hold_it(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("max", on="2026-10-01")
    given(aino, 700)
    quoted = quote_change(town.merchant_id, own.hex, ChangePlan("plus"), town.now)
    shown = quoted.preview.groups[0].bills[0].total_minor
    done = confirm_quote(town.merchant_id, f"quo_{quoted.quote.id.hex}", town.now, ACTOR)
    assert done.changed is not None
    with reading(town.merchant_id) as session:
        (draft,) = show_drafts(session, day("2026-10-01"), "en").found
    assert draft.next.view.total_minor == shown
    given(aino, 1, "a cent more")
    with pytest.raises(Conflict):
        issue_now(town.merchant_id, draft.next.group_id, town.now, ACTOR, seal=draft.seal)
    with reading(town.merchant_id) as session:
        (draft,) = show_drafts(session, day("2026-10-01"), "en").found
    issue_now(town.merchant_id, draft.next.group_id, town.now, ACTOR, seal=draft.seal)
    (made,) = aino.invoices()
    assert made.invoice.total_minor == draft.next.view.total_minor
    assert sum(credit_of(made)) == -701
    assert verify(town.merchant_id) == []


def test_two_invoices_of_one_day_share_it_and_none_uses_it_twice(town: Town) -> None:
    aino = town.customer("Aino")
    for _ in range(2):
        aino.subscribes("max", on="2026-10-01", is_consolidated=False)
    given(aino, 6000)
    with reading(town.merchant_id) as session:
        coming = preview_next(session, aino.customer.id, day("2026-10-01"), "en")
    made = town.bill(on="2026-10-01")
    assert sorted(sum(credit_of(one)) for one in made) == [-4990, -1010]
    assert sorted(one.view.total_minor for one in coming) == sorted(
        one.invoice.total_minor for one in made
    )
    with reading(town.merchant_id) as session:
        rows = session.rows("select left_minor from credit_taken order by id")
    assert rows == [(1010,), (0,)]
    assert left(aino) == {"sorry": 0}
    assert verify(town.merchant_id) == []


def test_a_merchant_that_uses_no_credit_takes_none_off(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("max", on="2026-10-01")
    given(aino, 500)
    with reading(town.merchant_id) as session:
        limits = replace(merchants.limits(session), uses_credit=False)
    change_merchant(town.merchant_id, "Town", limits, town.now, ACTOR)
    (made,) = town.bill(on="2026-10-01")
    assert credit_of(made) == []
    assert left(aino) == {"sorry": 500}
