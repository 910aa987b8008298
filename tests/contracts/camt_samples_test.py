"""The published samples, read and compared with what a person read out of them."""

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from kesto.adapters.banking.camt import Camt
from kesto.adapters.banking.port import StatementReader
from kesto.core.banking import BankEntry, BankFile
from kesto.core.money import major
from kesto.core.refusals import Invalid

SHARED = Path(__file__).parents[3] / "shared" / "data" / "banking"
READER: StatementReader = Camt()

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(
        not SHARED.exists(), reason="the reference data ../shared/data/banking is not here"
    ),
]


def samples() -> dict[str, list[dict[str, str]]]:
    """Return the check rows by file."""
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    if SHARED.exists():
        with (SHARED / "entries.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found[row["file"]].append(row)
    return found


def read(name: str) -> BankFile:
    return READER.read((SHARED / "samples" / name).read_bytes())


@pytest.mark.parametrize(("name", "rows"), samples().items())
def test_a_sample_is_read_as_a_person_read_it(name: str, rows: list[dict[str, str]]) -> None:
    file = read(name)
    assert file.kind == rows[0]["message"][:8]
    by_entry: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        by_entry[row["entry"]].append(row)
    assert len(file.entries) == len(by_entry)
    for entry, details in zip(file.entries, by_entry.values(), strict=True):
        agrees(entry, details)
    assert len({entry.entry_key for entry in file.entries}) == len(file.entries)
    assert file.repeated == 0


def agrees(entry: BankEntry, details: list[dict[str, str]]) -> None:
    first = details[0]
    assert entry.account == first["account"]
    assert major(entry.amount_minor, entry.currency) == Decimal(first["entry_amount"])
    assert entry.currency == first["currency"]
    assert entry.direction == {"CRDT": "in", "DBIT": "out"}[first["sign"]]
    assert entry.payments == len(details)
    assert not entry.is_reversal
    if first["booking_date"]:
        assert entry.booked_on.isoformat() == first["booking_date"][:10]
    assert (entry.value_on.isoformat() if entry.value_on else "") == first["value_date"][:10]
    assert entry.references == joined(details, "structured_ref")
    if any(row["unstructured"] for row in details):
        assert [text for text in joined(details, "unstructured") if text not in entry.texts] == []
    if len(details) == 1:
        assert entry.end_to_end_id == first["end_to_end_id"]
        assert not first["counterparty"] or entry.payer_name == first["counterparty"]
    assert entry.bank_reference == (first["servicer_ref"] or first["entry_ref"])


def joined(details: list[dict[str, str]], column: str) -> tuple[str, ...]:
    return tuple(text for row in details if row[column] for text in row[column].split(" | "))


def test_the_finnish_sample_adds_up_and_keeps_each_trap() -> None:
    file = read("django-jbank/camt_054_credit_notoification_example_finland.xml")
    assert file.message_id == "CAMT08224820170203001"
    assert sum(entry.amount_minor for entry in file.entries) == 704_800
    assert [entry.references for entry in file.entries] == [(), ("9544208",), (), ()]
    assert file.entries[0].texts == ("9597349",)
    assert file.entries[3].currency == "EUR"


def test_a_statement_without_content_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        read("genkgo-camt/camt053.v2.wrong.xml")
    assert refused.value.code == "bank_file_wrong"
    assert "Line 3" in refused.value.detail


def test_a_statement_without_entries_is_empty() -> None:
    assert read("genkgo-camt/camt53.only-Dt-with-DtTm.xml").entries == ()


@pytest.mark.parametrize(
    "name",
    ["pain001/pain002_sample.xml", "django-jbank/pain.001.001.03.xml"],
)
def test_other_messages_are_refused_by_name(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(name)
    assert refused.value.code == "bank_file_unknown"
