"""What a preview says is what the next run bills, line by line and cent by cent."""

import pytest

from kesto.core.line import Explanation
from kesto.flows.preview_next import NextInvoice, preview_next
from kesto.store.session import reading
from tests.town import Citizen, Town, day


def coming(citizen: Citizen) -> list[NextInvoice]:
    town = citizen.town
    with reading(town.merchant_id) as session:  # a transaction that refuses to write
        return preview_next(session, citizen.customer.id, town.now.date(), "en")


ORDERS = {
    "in arrears": {"plan": "basic"},
    "in advance, with an opening": {"plan": "plus"},
    "by quantity, with a minimum": {"plan": "seats", "quantity": "7"},
    "with add-ons at two rates": {"plan": "basic", "add_ons": ["safety", "magazine"]},
    "after a free month": {"plan": "free", "add_ons": ["safety"]},
}


@pytest.mark.parametrize("includes_tax", [True, False])
@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_a_preview_is_what_is_billed(
    town: Town, order: dict[str, object], *, includes_tax: bool
) -> None:
    town = town if includes_tax else Town.founded(includes_tax=False)
    aino = town.customer("Aino")
    plan, *_ = (str(order["plan"]),)
    more = {name: value for name, value in order.items() if name != "plan"}
    aino.subscribes(plan, on="2026-10-15", **more)  # type: ignore[arg-type]  # as the table has them
    town.clock("2026-10-15")
    for _ in range(3):
        (seen,) = coming(aino)
        (made,) = town.bill(on=seen.bill_on.isoformat())
        invoice = made.invoice
        assert (seen.bill_on, seen.view.due_on) == (invoice.invoice_on, invoice.due_on)
        assert seen.view.total_minor == invoice.total_minor
        assert seen.view.tax_minor == invoice.tax_minor
        assert [line.amount_minor for line in seen.view.lines] == [
            line.rated.amount_minor for line in made.lines
        ]
        assert all(isinstance(line.explanation, Explanation) for line in seen.view.lines)


def test_looking_twice_changes_nothing(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("basic", on="2026-10-01")
    assert coming(aino) == coming(aino)
    with reading(town.merchant_id) as session:
        assert session.rows("select from invoice") == []


def test_what_should_have_been_billed_already_is_billed_today(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("basic", on="2026-10-01")
    town.clock("2026-11-20")
    (seen,) = coming(aino)
    assert seen.bill_on == day("2026-11-20")


def test_a_correction_of_the_past_is_seen_before_it_is_billed(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("basic", on="2026-10-01")
    town.bill(on="2026-11-01")
    aino.subscribes("seats", on="2026-10-01", quantity="100")
    (seen,) = coming(aino)
    (made,) = town.bill(on="2026-11-01")
    assert (seen.bill_on, seen.view.total_minor) == (day("2026-11-01"), made.invoice.total_minor)


def test_nothing_comes_after_the_end_nor_of_what_is_free(town: Town) -> None:
    eeva, uuno = town.customer("Eeva"), town.customer("Uuno")
    eeva.subscribes("basic", on="2026-10-01", ends="2026-11-01")
    uuno.subscribes("free", on="2026-10-01")
    town.bill(on="2026-11-01")
    assert coming(eeva) == []
    assert coming(uuno) == []


def test_what_a_person_looks_at_first_says_so(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("seats", on="2026-10-01", quantity="10000000")
    (seen,) = coming(aino)
    assert seen.is_checked
    assert seen.view.total_minor == 333_000_000
