"""Barcode and QR code: what they say, and where there is none."""

import re
from datetime import date

import pytest

from kesto.adapters.banking.barcode import code128_check
from kesto.adapters.documents.code128 import _WIDTHS, START_C, code128
from kesto.adapters.documents.codes import Codes, codes
from kesto.adapters.documents.qr import MOST_MINOR, payment_text, qr_code
from kesto.core.refusals import Invalid
from kesto.words.paper import Pay

IBAN = "FI21 1234 5600 0007 85"
DIGITS = "421123456000007850000367800000000000002041710425261126"


def pay(**changed: object) -> Pay:
    usual = {
        "title": "",
        "payee": "Kesto Oy",
        "iban": IBAN,
        "bic": "",
        "reference": "20417 10425",
        "amount": "36,78 €",
        "due_on": "",
        "barcode_alt": "",
        "code_alt": "",
        "amount_minor": 3678,
        "currency": "EUR",
        "due": date(2026, 11, 26),
    }
    return Pay(**(usual | changed))  # type: ignore[arg-type]  # mixed facts


def test_every_symbol_is_eleven_modules_of_its_own() -> None:
    assert len(_WIDTHS) == 106
    assert len(set(_WIDTHS)) == 106
    assert {sum(map(int, widths)) for widths in _WIDTHS} == {11}
    # Bars take an even number of modules, so that a misread edge is seen.
    assert {sum(map(int, widths[::2])) % 2 for widths in _WIDTHS} == {0}


def test_a_barcode_is_332_modules_wide_and_begins_and_ends_as_it_must() -> None:
    svg = code128(DIGITS)
    assert 'viewBox="0 0 332 40"' in svg
    bars = [(int(x), int(width)) for x, width in re.findall(r"M(\d+) 0h(\d+)v", svg)]
    assert len(bars) == 3 * (1 + 27 + 1) + 4
    assert bars[:3] == [(0, 2), (3, 1), (6, 3)]  # start C: 211232
    assert bars[-4:] == [(319, 2), (324, 3), (328, 1), (330, 2)]  # stop: 2331112
    assert _WIDTHS[START_C] == "211232"
    assert 0 <= code128_check(DIGITS) < 103


@pytest.mark.parametrize("digits", ["123", "12a4", ""])
def test_what_is_no_pairs_of_digits_is_refused(digits: str) -> None:
    with pytest.raises((Invalid, ValueError)):
        code128(digits)


def test_the_payment_code_says_what_the_standard_asks_for() -> None:
    text = payment_text("Kesto Oy", IBAN, "", 7553, "RF332348236", "EUR")
    wanted = "BCD\n002\n1\nSCT\n\nKesto Oy\nFI2112345600000785\nEUR75.53\n\nRF332348236"
    assert text == wanted
    assert len(qr_code(text)) > 1000


def test_a_finnish_reference_stands_in_its_rf_form() -> None:
    assert payment_text("K", IBAN, "", 1, "2348 236", "EUR").endswith("\nRF332348236")


def test_another_reference_stands_as_text() -> None:
    assert payment_text("K", IBAN, "", 1, "OCR 123", "EUR").endswith("EUR0.01\n\n\nOCR123")
    assert payment_text("K", IBAN, "", 1, "", "EUR").endswith("EUR0.01")


def test_a_name_is_one_line_of_at_most_seventy_letters() -> None:
    text = payment_text("Oy\nRivi " + "ä" * 99, IBAN, "", 1, "", "EUR")
    assert text.splitlines()[5] == "Oy Rivi " + "ä" * 62


@pytest.mark.parametrize(
    ("amount_minor", "currency"), [(0, "EUR"), (-1, "EUR"), (MOST_MINOR + 1, "EUR"), (1, "SEK")]
)
def test_there_is_no_code_for_nothing_too_much_or_other_money(
    amount_minor: int, currency: str
) -> None:
    assert payment_text("K", IBAN, "", amount_minor, "2348236", currency) == ""


def test_a_wrong_account_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        payment_text("K", "FI2112345600000786", "", 1, "", "EUR")
    assert refused.value.field == "iban"


def test_an_invoice_has_both_codes_or_as_many_as_there_can_be() -> None:
    assert codes(None) == Codes()
    both = codes(pay())
    assert both.digits == DIGITS
    assert both.barcode
    assert both.qr
    for changed in ({"reference": "OCR 123"}, {"iban": "DE89 3704 0044 0532 0130 00"}):
        only_qr = codes(pay(**changed))
        assert (only_qr.digits, only_qr.barcode) == ("", "")
        assert only_qr.qr
    assert codes(pay(currency="SEK")) == Codes()
    assert codes(pay(amount_minor=100_000_000)).digits == ""
