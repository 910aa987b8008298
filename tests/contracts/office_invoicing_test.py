"""Credits of a part, write-offs and invoices by hand, in the office."""

import re

import pytest
from django.test import Client

from kesto.store.session import reading
from tests.contracts.office_visits import facts, landed, lived_in, member, text_of
from tests.town import Town


@pytest.fixture
def street(town: Town) -> Town:
    return lived_in(town)


@pytest.fixture
def owner(street: Town) -> Client:
    return member(street, "owner")


def test_a_part_is_credited_after_its_preview(owner: Client, street: Town) -> None:
    late = street.invoices()[1]
    path = f"/office/invoices/{late.number}/credit/"
    part = {"part": "lines", "line_1": "4,00", "reason": "slow line"}
    unseen = text_of(owner.post(path, part))
    assert "Look at what happens, then confirm." in unseen
    assert "Credit €4.00" in unseen
    assert 'value="slow line"' in unseen
    assert len(street.invoices()) == 6
    preview = text_of(owner.post(path, {**part, "reason": "", "preview": "1"}))
    assert "Please check" not in preview
    seen = re.search(r'name="seen" value="([^"]+)"', preview)
    assert seen is not None
    done = landed(owner, owner.post(path, {**part, "seen": seen[1]}))
    assert "A part of this invoice has been credited." in done
    page = text_of(owner.get(path))
    assert "€4.00 has been credited before; €6.00 is left." in page
    assert "Credit €6.00" in page
    much = text_of(owner.post(path, {"part": "sum", "amount": "6,01", "reason": "x"}))
    assert "More than is left" in much
    assert 'value="6,01"' in much
    nothing = text_of(owner.post(path, {"part": "lines", "reason": "x"}))
    assert "Choose a line" in nothing
    wrong = text_of(owner.post(path, {"part": "sum", "amount": "six", "reason": "x"}))
    assert "Give a sum, such as 100.00." in wrong
    rest = landed(owner, owner.post(path, {"reason": "the rest"}))
    assert "This invoice has been credited." in rest
    assert owner.get(path).status_code == 409


def test_an_invoice_is_written_off_after_its_preview(owner: Client, street: Town) -> None:
    late = street.invoices()[1]
    path = f"/office/invoices/{late.number}/write-off/"
    assert path in text_of(owner.get(f"/office/invoices/{late.number}/"))
    assert "Write off €10.00" in text_of(owner.get(path))
    assert owner.post(path, {"reason": " "}).status_code == 200
    done = landed(owner, owner.post(path, {"reason": "moved away", "relieves_tax": "on"}))
    assert f"Invoice {late.number} is written off." in done
    assert "Credit losses" in done
    assert "Written off" in text_of(owner.get("/office/invoices/?state=written_off"))
    assert owner.get(path).status_code == 409
    assert owner.post(path, {"reason": "again"}).status_code == 409
    service = member(street, "service")
    assert service.get(path).status_code == 403
    street.pays(late)
    assert "Recovered after a write-off" in text_of(owner.get(f"/office/invoices/{late.number}/"))


def test_an_invoice_is_written_by_hand(owner: Client, street: Town) -> None:
    customer = street.invoices()[0].invoice.customer_id
    path = f"/office/customers/{customer}/invoice/"
    assert path in text_of(owner.get(f"/office/customers/{customer}/"))
    assert "No preview yet" in text_of(owner.get(path))
    line = {"text_0": "Visit", "product_0": "line", "quantity_0": "1,5", "unit_amount_0": "40"}
    more = text_of(owner.post(path, {**line, "rows": "3", "more": "1"}))
    assert 'value="Visit"' in more
    assert 'name="text_5"' in more
    wrong = text_of(owner.post(path, {**line, "quantity_0": "-1", "text_1": "Cable"}))
    assert "Give a price, such as 25.00." in wrong
    below = text_of(owner.post(path, {**line, "quantity_0": "-1", "preview": "1"}))
    assert "Give a quantity above zero." in below
    assert 'value="Visit"' in below
    preview = text_of(owner.post(path, {**line, "includes_tax": "on"}))
    assert "Issue for €60.00" in preview
    assert len(street.invoices()) == 6
    seen = re.search(r'name="seen" value="([^"]+)"', preview)
    assert seen is not None
    asked = {**line, "includes_tax": "on", "seen": seen[1], "once": "a1"}
    done = landed(owner, owner.post(path, asked))
    assert "is issued." in done
    assert "This invoice is issued already." in text_of(owner.post(path, asked))
    assert "Visit" in done
    assert len(street.invoices()) == 7
    run = re.findall(r"/office/runs/([0-9a-f-]{36})/", text_of(owner.get("/office/runs/")))[0]
    assert "Visit" in text_of(owner.get(f"/office/invoices/{street.invoices()[-1].number}/"))
    assert facts(text_of(owner.get("/office/invoices/", {"run": run})))["Sum with VAT"] == "€30.00"
    assert member(street, "service").get(path).status_code == 403


def test_prices_of_lines_written_by_hand_say_their_vat(owner: Client, street: Town) -> None:
    with reading(street.merchant_id) as session:
        row = session.row("select id from customer where kind = 'consumer' order by id limit 1")
    assert row is not None
    path = f"/office/customers/{row[0]}/invoice/"
    assert "VAT 25.5% included</p>" in text_of(owner.get(path))
    line = {"rows": "1", "text_0": "Repair", "unit_amount_0": "100", "draw": "1", "seen": "x"}
    page = text_of(owner.post(path, line | {"includes_tax": "on"}))
    assert "VAT 25.5% included = €79.68 without VAT" in page
    assert "No preview yet" in page
    assert "VAT 25.5% on top = €125.50 with VAT" in text_of(owner.post(path, line))
