import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from kesto.core.invoice import (
    INVOICE,
    Buyer,
    Invoice,
    Seller,
    explanation_document,
    explanations,
    frozen_bytes,
    read_explanation,
    seal,
)
from kesto.core.line import ExplainedPart, Explanation, Line, Rated
from kesto.core.rating import Rater
from kesto.core.tax import TaxGroup
from tests.items import day, item, sold, vat_rate

LINES = tuple(
    Rater(vat_rate).due_lines(
        [item(sold(1), sold(2, category="reduced"), start_on="2028-01-31")], None, day("2028-02-29")
    )
)
TAXES = (
    TaxGroup("standard", Decimal("25.5"), 797, 203),
    TaxGroup("reduced", Decimal("13.5"), 881, 119),
)
HEADER = Invoice(
    id=UUID(int=1),
    kind=INVOICE,
    billing_entity_id=UUID(int=2),
    billing_group_id=UUID(int=3),
    customer_id=UUID(int=4),
    currency="EUR",
    includes_tax=True,
    invoice_on=day("2028-02-29"),
    due_on=day("2028-03-14"),
    net_minor=1678,
    tax_minor=322,
    total_minor=2000,
    reference="1000012",
    seller_sha256=b"s" * 32,
    buyer_sha256=b"b" * 32,
    through=day("2028-02-29"),
    history_seq=7,
    credits_invoice_id=None,
    reason="",
    created_at=datetime(2028, 2, 29, 1, 30, tzinfo=UTC),
)
OTHER: dict[type, Callable[[Any], object]] = {
    bool: lambda value: not value,
    int: lambda value: value + 1,
    str: lambda value: value + "x",
    bytes: lambda value: value + b"x",
    Decimal: lambda value: value + 1,
    UUID: lambda value: UUID(int=value.int + 1),
    date: lambda value: value + timedelta(days=1),
    datetime: lambda value: value + timedelta(days=1),
    type(None): lambda _: UUID(int=9),
}


def sealed(header: Invoice = HEADER, lines: tuple[Line, ...] = LINES) -> str:
    return seal("2028-000001", header, lines, TAXES).hex()


def changed(value: object) -> object:
    """Something else of the same kind."""
    return OTHER[type(value)](value)


@pytest.mark.parametrize("field", Invoice.__struct_fields__)
def test_the_seal_covers_every_field_of_the_header(field: str) -> None:
    other = replace(HEADER, **{field: changed(getattr(HEADER, field))})
    assert sealed(other) != sealed()


@pytest.mark.parametrize("field", type(LINES[0].rated).__struct_fields__)
def test_the_seal_covers_every_field_of_a_line(field: str) -> None:
    last = LINES[-1]
    rated = replace(last.rated, **{field: changed(getattr(last.rated, field))})
    assert sealed(lines=(*LINES[:-1], Line(last.item_id, rated))) != sealed()


def test_the_seal_covers_number_lines_and_vat() -> None:
    seals = {
        seal("2028-000001", HEADER, LINES, TAXES),
        seal("2028-000002", HEADER, LINES, TAXES),
        seal("2028-000001", HEADER, LINES[:1], TAXES),
        seal("2028-000001", HEADER, LINES[::-1], TAXES),
        seal("2028-000001", HEADER, LINES, TAXES[:1]),
        seal("2028-000001", HEADER, LINES, (TAXES[0], replace(TAXES[1], tax_minor=118))),
    }
    assert len(seals) == 6


def test_the_seal_of_form_1_never_changes() -> None:
    """Seals stand beside issued invoices: another way to make them would deny them all."""
    rated = Rated(
        *(UUID(int=5), UUID(int=6), "recurring", day("2028-01-01"), day("2028-02-01"), 0, 1),
        *(Decimal(1), 1000, "standard", Decimal("25.5"), "3000", b"{}"),
    )
    line = Line(UUID(int=7), rated)
    header = msgspec.json.encode(HEADER).decode()
    taxes = msgspec.json.encode(TAXES[::-1]).decode()
    content = f'[1,{header},{taxes},["{UUID(int=7)}","{UUID(int=7)}"]]'.encode()
    of_line = hashlib.sha256(msgspec.json.encode(rated)).digest()
    inner = hashlib.sha256(content + of_line + of_line).digest()
    wanted = hashlib.sha256(inner + b"2028-000001").digest()
    for zone in (UTC, timezone(timedelta(0)), timezone(timedelta(hours=2))):
        written = replace(HEADER, created_at=HEADER.created_at.astimezone(zone))
        assert seal("2028-000001", written, (line, line), TAXES) == wanted


def test_the_seal_does_not_hang_on_the_order_of_vat_or_the_zone_of_an_instant() -> None:
    assert seal("2028-000001", HEADER, LINES, TAXES[::-1]).hex() == sealed()
    helsinki = timezone(timedelta(hours=2))
    assert sealed(replace(HEADER, created_at=HEADER.created_at.astimezone(helsinki))) == sealed()


texts = st.text(st.characters(exclude_categories=["Cs"]))
explained = st.builds(
    Explanation,
    quantity=texts,
    exact=texts,
    parts=st.lists(st.builds(ExplainedPart, texts, texts, texts, texts, texts), max_size=3).map(
        tuple
    ),
    share=texts,
    corrects=st.integers(0, 99),
    was_minor=st.integers(-(2**63), 2**63 - 1),
    now_minor=st.integers(-(2**63), 2**63 - 1),
)


@given(st.lists(explained, max_size=5))
def test_explanations_come_back_byte_for_byte_and_in_order(entries: list[Explanation]) -> None:
    written = [msgspec.json.encode(entry) for entry in entries]
    lines = [Line(UUID(int=1), replace(LINES[0].rated, explanation=raw)) for raw in written]
    document = explanation_document(lines)
    assert explanations(document) == written
    assert explanations(document.decode()) == written
    assert [read_explanation(raw) for raw in explanations(document)] == entries


def test_the_explanation_document_says_its_version() -> None:
    assert msgspec.json.decode(explanation_document([])) == {"version": 1, "lines": []}


def test_the_frozen_bytes_of_a_party_name_every_field_in_order() -> None:
    seller = Seller("Niittyverkko Oy", "1234567-1", "FI12345671", *("",) * 7)
    buyer = Buyer("A-1", "consumer", "Aino Mäkelä", *("",) * 10)
    for party in (seller, buyer):
        assert list(msgspec.json.decode(frozen_bytes(party))) == list(asdict(party))
    digest = hashlib.sha256(frozen_bytes(replace(buyer, name="Aino Makela"))).digest()
    assert digest != hashlib.sha256(frozen_bytes(buyer)).digest()
