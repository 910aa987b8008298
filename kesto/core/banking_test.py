from datetime import date
from hashlib import sha256
from typing import Any

import pytest
from msgspec.structs import replace

from kesto.core.banking import BankEntry, content_identity, entry_key

ENTRY = BankEntry(
    account="FI2112345600000785",
    entry_key="",
    amount_minor=2990,
    currency="EUR",
    direction="in",
    is_reversal=False,
    booked_on=date(2027, 10, 4),
    references=("13", "RF18539007547034"),
    texts=("thanks", "again"),
    end_to_end_id="E2E-1",
    payer_name="Aino",
    payer_iban="FI5810171000000122",
    bank_reference="B-7",
)


def digest(*words: str) -> str:
    return sha256("\x1f".join(words).encode()).hexdigest()


def test_the_key_of_an_entry_never_changes() -> None:
    """Keys stand in the database: another way to make them would book every payment again."""
    words = ("FI2112345600000785", "id-1", "2027-10-04", "in", "2990", "EUR")
    assert entry_key(ENTRY, "id-1", date(2027, 10, 4)) == digest(*words, "")
    assert entry_key(replace(ENTRY, is_reversal=True), "id-1", date(2027, 10, 4)) == digest(
        *words, "reversal"
    )
    assert entry_key(ENTRY, "id-1", None) == digest(*words[:2], "", *words[3:], "")


@pytest.mark.parametrize(
    "other",
    [
        {"account": "FI5810171000000122"},
        {"amount_minor": 2991},
        {"currency": "SEK"},
        {"direction": "out"},
        {"is_reversal": True},
    ],
)
def test_one_id_of_a_bank_is_told_apart_by_what_it_moves(other: dict[str, Any]) -> None:
    first = entry_key(ENTRY, "id-1", ENTRY.booked_on)
    assert entry_key(replace(ENTRY, **other), "id-1", ENTRY.booked_on) != first
    assert entry_key(ENTRY, "id-2", ENTRY.booked_on) != first
    assert entry_key(ENTRY, "id-1", date(2027, 10, 5)) != first


def test_an_entry_without_an_id_is_known_by_what_it_says() -> None:
    assert content_identity(ENTRY) == "content:" + digest(
        *("B-7", "E2E-1", "Aino", "FI5810171000000122", "13", "RF18539007547034"),
        *("", "thanks", "again"),
    )


def test_a_reference_is_not_taken_for_a_text() -> None:
    one = replace(ENTRY, references=("13",), texts=("14",))
    other = replace(ENTRY, references=("13", "14"), texts=())
    assert content_identity(one) != content_identity(other)
