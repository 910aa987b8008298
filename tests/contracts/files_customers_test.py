"""Customers in CSV: what is read, and what is said about everything wrong."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import count
from uuid import UUID

import pytest

from kesto.adapters.files.customers import read_customers
from kesto.adapters.files.errors import MOST_ERRORS, FileError, InvalidFile
from kesto.core.customers import Customer
from kesto.core.subscription import NewSubscription, Term

HEADER = "external_id,kind,name,email,country,plan,subscription_external_id,start_on"
ROW = "1,consumer,Aino,aino@example.com,FI,basic,S-1,2026-11-01"


def ids() -> Callable[[], UUID]:
    numbers = count(1)
    return lambda: UUID(int=next(numbers))


def customers(text: str | bytes) -> tuple[list[Customer], list[NewSubscription]]:
    data = text.encode() if isinstance(text, str) else text
    return read_customers(data, "customers.csv", ids())


def errors(text: str | bytes) -> tuple[FileError, ...]:
    with pytest.raises(InvalidFile) as caught:
        customers(text)
    return caught.value.errors


def one_row(**cells: str) -> str:
    """A file of one correct row, changed in these columns."""
    row = dict(zip(HEADER.split(","), ROW.split(","), strict=True)) | cells
    return f"{';'.join(row)}\n{';'.join(row.values())}\n"


def test_a_row_fills_customer_and_subscription() -> None:
    (customer,), (order,) = customers(
        one_row(
            kind="company",
            name="Esimerkki Oy",
            language="sv",
            business_id="12345671",
            vat_id="FI 12345671",
            postal_code="00100",
            payment_method="e_invoice",
            channel="letter",
            payer="2",
            add_ons="tv|films",
            quantity="2.5",
            alignment="billing_day",
            billing_day="31",
            subscription_zone="Europe/Helsinki",
            last_day="2026-12-31",
            billed_from="2026-12-01",
            minimum_months="12",
            notice_days="30",
        )
    )
    assert (customer.business_id, customer.vat_id) == ("1234567-1", "FI12345671")
    assert (customer.payment_method, customer.channel) == ("e_invoice", "letter")
    assert (customer.person.name, customer.person.postal_code) == ("Esimerkki Oy", "00100")
    assert order == NewSubscription(
        id=order.id,
        external_id="S-1",
        holder="1",
        plan="basic",
        start_on=date(2026, 11, 1),
        payer="2",
        add_ons=("tv", "films"),
        quantity=Decimal("2.5"),
        alignment="billing_day",
        billing_day=31,
        zone="Europe/Helsinki",
        end_on=date(2027, 1, 1),
        billed_from=date(2026, 12, 1),
        term=Term(minimum_months=12, notice_days=30),
    )


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_usual_kinds_of_csv_are_read_alike(mark: bytes, delimiter: str, line_end: str) -> None:
    text = HEADER + "\n" + ROW.replace("Aino", '"Aino"') + "\n\n,,,,,,,\n"
    data = mark + text.replace(",", delimiter).replace("\n", line_end).encode()
    (customer,), (order,) = customers(data)
    assert (customer.person.name, order.holder) == ("Aino", "1")


def test_a_row_without_a_plan_is_a_customer_only() -> None:
    people, orders = customers("external_id,kind,name\n1,consumer,Aino\n")
    assert ([person.person.name for person in people], orders) == (["Aino"], [])


def test_equal_repeats_are_one_customer_with_several_subscriptions() -> None:
    people, orders = customers(f"{HEADER}\n{ROW}\n{ROW.replace('S-1', 'S-2')}\n")
    assert len(people) == 1
    assert [(order.external_id, order.holder) for order in orders] == [("S-1", "1"), ("S-2", "1")]


def test_accents_written_in_two_ways_are_one_name() -> None:
    composed, apart = (
        ROW.replace("Aino", name) for name in ("V\u00e4in\u00f6", "Va\u0308ino\u0308")
    )
    people, _ = customers(f"{HEADER}\n{composed}\n{apart.replace('S-1', 'S-2')}\n")
    assert [person.person.name for person in people] == ["V\u00e4in\u00f6"]


def test_contradicting_repeats_are_refused_naming_both_lines() -> None:
    other = ROW.replace("Aino", "Eero").replace("S-1", "S-2").replace(",FI,", ",,")
    found = errors(f"{HEADER}\n{ROW}\n{other}\n")
    assert [(error.line, error.field) for error in found] == [(3, "name"), (3, "country")]
    assert "line 2" in found[0].detail


def test_a_repeated_subscription_is_refused() -> None:
    (error,) = errors(f"{HEADER}\n{ROW}\n{ROW}\n")
    assert (error.line, error.field) == (3, "subscription_external_id")


WRONG_CELLS = [
    ("external_id", "", "missing"),
    ("kind", "person", "consumer, company"),
    ("name", "", "missing"),
    ("name", "Ai\x00no", "control"),
    ("name", "Ai\x1bno", "control"),
    ("name", '"Ai\nno"', "line break"),
    ("name", "x" * 201, "201 characters"),
    ("email", "aino", "e-mail"),
    ("email", "aino@example", "e-mail"),
    ("email", "aino@@example.com", "e-mail"),
    ("email", "a ino@example.com", "e-mail"),
    ("email", ".aino@example.com", "e-mail"),
    ("email", "ai..no@example.com", "e-mail"),
    ("email", "aino@example..com", "e-mail"),
    ("email", "aino@-example.com", "e-mail"),
    ("email", "aino@10.0.0.1", "e-mail"),
    ("email", "aino@example.com,eero@example.com", "e-mail"),
    ("email", f"{'a' * 65}@example.com", "e-mail"),
    ("phone", "call me", "telephone"),
    ("postal_code", "100", "five digits"),
    ("country", "XX", "country"),
    ("country", "fi", "country"),
    ("language", "de", "fi, sv, en"),
    ("zone", "Helsinki", "time zone"),
    ("payment_method", "cheque", "transfer"),
    ("channel", "fax", "email, letter"),
    ("business_id", "1234567-1", "for companies"),
    ("plan", "ba sic", "no code"),
    ("subscription_external_id", "", "missing"),
    ("start_on", "", "missing"),
    ("start_on", "1.11.2026", "no date"),
    ("start_on", "20261101", "no date"),
    ("start_on", "2026-02-30", "calendar"),
    ("start_on", "0026-11-01", "between"),
    ("last_day", "2026-10-31", "before start_on"),
    ("last_day", "9999-12-31", "between"),
    ("add_ons", "tv|tv", "twice"),
    ("add_ons", "tv||films", "no code"),
    ("quantity", "-1", "below zero"),
    ("quantity", "1,5", "decimal point"),
    ("quantity", "1e3", "quantity"),
    ("quantity", "nan", "quantity"),
    ("quantity", "\u0661", "quantity"),
    ("alignment", "weekly", "calendar"),
    ("alignment", "billing_day", "billing_day"),
    ("billing_day", "15", "alignment"),
    ("billing_day", "0", "1 to 31"),
    ("billing_day", "32", "1 to 31"),
    ("anchor", "2026-11-15", "alignment"),
    ("minimum_months", "-1", "0 to 120"),
    ("notice_days", "two", "0 to 3650"),
]


@pytest.mark.parametrize(("column", "cell", "words"), WRONG_CELLS)
def test_a_wrong_cell_is_named_with_its_column(column: str, cell: str, words: str) -> None:
    found = errors(one_row(**{column: cell}))
    named = "billing_day" if (column, cell) == ("alignment", "billing_day") else column
    assert [(error.line, error.field) for error in found] == [(2, named)]
    assert words in found[0].detail
    assert "\x1b" not in str(found[0])


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("business_id", "1234567-2", "business id"),
        ("vat_id", "FI12345672", "VAT number"),
        ("vat_id", "12345671", "VAT number"),
        ("vat_id", "XX12345671", "VAT number"),
    ],
)
def test_a_company_number_is_tested(column: str, cell: str, words: str) -> None:
    (error,) = errors(one_row(kind="company", **{column: cell}))
    assert (error.field, words in error.detail) == (column, True)


@pytest.mark.parametrize(
    ("vat_id", "country"), [("SE556188840401", "SE"), ("NO 995 525 828 MVA", "NO")]
)
def test_companies_of_the_neighbours_are_taken(vat_id: str, country: str) -> None:
    text = one_row(
        kind="company", vat_id=vat_id, country=country, business_id="any", postal_code="1"
    )
    (company,), _ = customers(text)
    assert (company.vat_id, company.business_id) == (vat_id.replace(" ", ""), "any")


def test_subscription_cells_without_a_plan_are_refused() -> None:
    found = errors(one_row(plan=""))
    assert [error.field for error in found] == ["subscription_external_id", "start_on"]


@pytest.mark.parametrize(
    ("data", "line", "field", "words"),
    [
        (b"", 1, "external_id", "missing in the header"),
        (b"external_id,kind,name,e_mail\n", 1, "e_mail", "did you mean email"),
        (b"external_id,kind,name,name\n", 1, "name", "twice"),
        (b"external_id,kind,name,\n", 1, "", "column 4 has no name"),
        (b"external_id,kind,name\n1,consumer\n", 2, "", "2 cells"),
        (b'external_id,kind,name\n1,consumer,A\n2,consumer,"B\n3,consumer,C\n', 3, "", "not CSV"),
        (b'external_id,kind,name\n1,consumer,"A"B\n', 2, "", "not CSV"),
        (b"external_id,kind,name\n1,consumer,A\n2,consumer,\xe4\n", 3, "", "UTF-8"),
        (b"external_id,kind,name\n1,consumer," + b"x" * 200_000, 2, "", "not CSV"),
        (b"x" * 50_000_001, 1, "", "larger than 50 MB"),
    ],
)
def test_what_is_no_customer_file_is_refused(
    data: bytes, line: int, field: str, words: str
) -> None:
    found = errors(data)
    assert any(
        (error.line, error.field) == (line, field) and words in error.detail for error in found
    ), found


def test_reading_stops_after_very_many_errors() -> None:
    found = errors("external_id,kind,name\n" + "1,consumer\n" * 5000)
    assert len(found) == MOST_ERRORS + 1
    assert "stopped" in found[-1].detail
