"""What a customer has as credit pays its next invoices, once, as far as it goes."""

import pytest

from kesto.flows.change_settings import change_merchant
from kesto.store import merchants
from kesto.store.merchants import Limits
from kesto.store.session import reading
from kesto.verify import verify
from tests.stories.seen import books, paper, text
from tests.town import ACTOR, Citizen, Town

pytestmark = pytest.mark.usefixtures("aino")


@pytest.fixture
def aino(town: Town) -> Citizen:
    found = town.customer("Aino")
    found.subscribes("basic", on="2026-10-01")
    return found


def balance(town: Town) -> int:
    with reading(town.merchant_id) as session:
        rows = session.rows(
            "select balance_minor from wallet where merchant_id = %s", session.merchant_id
        )
    return sum(row[0] for row in rows)


def test_an_overpayment_pays_the_next_invoice_in_part(town: Town) -> None:
    (first,) = town.bill(on="2026-11-01")
    town.pays(first, first.invoice.total_minor + 300)
    assert balance(town) == 300
    (second,) = town.bill(on="2026-12-01")
    view = paper(town, second)
    assert view.credit_used_minor == 300
    assert view.open_minor == second.invoice.total_minor - 300
    assert "Paid from your credit" in text(town, second)
    assert balance(town) == 0
    town.pays(second, view.open_minor)
    assert books(town)["bank"] == first.invoice.total_minor + second.invoice.total_minor
    assert "receivable" not in books(town)
    assert "customer_credit" not in books(town)
    assert verify(town.merchant_id) == []


def test_a_credit_note_pays_whole_invoices_until_it_is_used_up(town: Town) -> None:
    (first,) = town.bill(on="2026-11-01")
    town.pays(first)
    town.pays(first)
    town.credits(first)
    total = first.invoice.total_minor
    assert balance(town) == 2 * total
    for month, left in (("2026-12-01", total), ("2027-01-01", 0), ("2027-02-01", 0)):
        town.bill(on=month)
        assert balance(town) == left
    _, second, third, fourth = (one for one in town.invoices() if one.invoice.kind == "invoice")
    assert [paper(town, one).open_minor for one in (second, third, fourth)] == [0, 0, total]
    assert "Nothing is left to pay" in text(town, second)
    assert verify(town.merchant_id) == []


def test_credit_is_only_its_own_customers(town: Town) -> None:
    town.customer("Eino").subscribes("basic", on="2026-10-01")
    first, other = town.bill(on="2026-11-01")
    town.pays(first, first.invoice.total_minor + 5_000)
    made = town.bill(on="2026-12-01")
    used = {one.invoice.customer_id: paper(town, one).credit_used_minor for one in made}
    assert used[other.invoice.customer_id] == 0
    assert used[first.invoice.customer_id] == first.invoice.total_minor
    assert verify(town.merchant_id) == []


def test_a_merchant_may_keep_credit_apart(town: Town) -> None:
    with reading(town.merchant_id) as session:
        limits = merchants.limits(session)
    assert limits.uses_credit
    wanted = Limits(
        limits.invoice_limit_minor,
        limits.service_credit_minor,
        limits.portal_link_days,
        uses_credit=False,
    )
    change_merchant(town.merchant_id, "Town", wanted, town.now, ACTOR)
    (first,) = town.bill(on="2026-11-01")
    town.pays(first, first.invoice.total_minor + 300)
    (second,) = town.bill(on="2026-12-01")
    assert paper(town, second).credit_used_minor == 0
    assert balance(town) == 300
    assert verify(town.merchant_id) == []


def test_a_credit_note_on_an_invoice_paid_from_credit_gives_it_back(town: Town) -> None:
    (first,) = town.bill(on="2026-11-01")
    town.pays(first, first.invoice.total_minor + 300)
    (second,) = town.bill(on="2026-12-01")
    number = town.credits(second)
    assert balance(town) == 300
    assert "Paid before the credit" in text(town, number)
    assert verify(town.merchant_id) == []
