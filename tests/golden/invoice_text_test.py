"""The whole invoice as text, letter by letter, in each language.

After a wanted change: `KESTO_WRITE_GOLDEN=1 pytest tests/golden`, and read what changed.
"""

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from kesto.words import LANGUAGES, invoice_text
from tests.golden.invoice_sample import INVOICE


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_invoice_reads_as_approved(language: str) -> None:
    golden = Path(__file__).with_name(f"invoice_{language}.txt")
    found = invoice_text(replace(INVOICE, language=language))
    if os.environ.get("KESTO_WRITE_GOLDEN"):
        golden.write_text(found, encoding="utf-8")
    assert found == golden.read_text(encoding="utf-8")


def test_the_sample_adds_up() -> None:
    assert sum(line.amount_minor for line in INVOICE.lines) == INVOICE.total_minor


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_credit_note_names_its_invoice_and_asks_for_nothing(language: str) -> None:
    credit = {"kind": "credit_note", "number": "H-7", "credits": "2026-1042"}
    found = invoice_text(replace(INVOICE, language=language, **credit))
    assert "2026-1042" in found
    assert "FI21" not in found
    assert "15/31" not in found


def test_a_paid_invoice_says_so() -> None:
    assert "Nothing is left to pay." in invoice_text(replace(INVOICE, open_minor=0))
