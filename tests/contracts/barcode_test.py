"""The Finnish bank barcode against the published vectors."""

from datetime import date

import pytest

from kesto.adapters.banking.barcode import bank_barcode, code128_check
from kesto.core.refusals import Invalid

FI = "FI79 4405 2020 0360 82"
# iban, amount_minor, reference, due_on, digits, Code 128 check
VECTORS = [
    line.split("|")
    for line in """
FI79 4405 2020 0360 82|488315|868516259619897|2010-06-12|479440520200360820048831500000000868516259619897100612|40
FI58 1017 1000 0001 22|48299|559582243294671|2012-01-31|458101710000001220004829900000000559582243294671120131|55
FI02 5000 4640 0013 02|69380|69875672083435364|2011-07-24|402500046400013020006938000000069875672083435364110724|14
FI16 8000 1400 0502 67|93585|78777679656628687||416800014000502670009358500000078777679656628687000000|30
FI73 3131 3001 0000 58|0|868624|2013-08-09|473313130010000580000000000000000000000000868624130809|68
FI83 3301 0001 1007 75|15000020|92125374252539897737|2016-05-25|483330100011007751500002000092125374252539897737160525|45
FI92 3939 0001 0033 91|2|1357914|2099-12-24|492393900010033910000000200000000000000001357914991224|30
FI79 4405 2020 0360 82|488315|RF09868516259619897|2010-06-12|579440520200360820048831509000000868516259619897100612|74
FI16 8000 1400 0502 67|93585|RF6078777679656628687||516800014000502670009358560000078777679656628687000000|15
FI83 3301 0001 1007 75|15000020|RF7192125374252539897737|2016-05-25|583330100011007751500002071092125374252539897737160525|80
FI92 3939 0001 0033 91|2|RF951357914|2099-12-24|592393900010033910000000295000000000000001357914991224|33
""".strip().splitlines()  # noqa: E501 - vectors read best one to a line
]


@pytest.mark.parametrize(("iban", "minor", "reference", "due", "digits", "check"), VECTORS)
def test_the_published_barcodes(
    iban: str, minor: str, reference: str, due: str, digits: str, check: str
) -> None:
    due_on = date.fromisoformat(due) if due else None
    assert bank_barcode(iban, int(minor), reference, due_on) == digits
    assert code128_check(digits) == int(check)


def test_a_zero_padded_reference_gives_the_same_barcode() -> None:
    padded = bank_barcode(FI, 1, "00000868516259619897", None)
    assert padded == bank_barcode(FI, 1, "868516259619897", None)


@pytest.mark.parametrize(
    ("iban", "minor", "reference"),
    [
        ("SE45 5000 0000 0583 9825 7466", 100, "12344"),
        (FI, 100_000_000, "12344"),
        (FI, 100, "RF18 5390 0754 70Y"),
    ],
)
def test_where_no_barcode_fits_there_is_none(iban: str, minor: int, reference: str) -> None:
    assert bank_barcode(iban, minor, reference, None) is None


def test_just_below_a_million_there_is_one() -> None:
    assert (bank_barcode(FI, 99_999_999, "12344", None) or "")[17:25] == "99999999"


@pytest.mark.parametrize(
    ("iban", "minor", "reference", "field"),
    [
        ("FI79 4405 2020 0360 83", 100, "12344", "iban"),
        ("", 100, "12344", "iban"),
        (FI, 100, "12345", "reference"),
        (FI, 100, "RF10868516259619897", "reference"),
        (FI, 100, "", "reference"),
        (FI, -1, "12344", "amount"),
    ],
)
def test_wrong_input_is_refused_by_field(iban: str, minor: int, reference: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        bank_barcode(iban, minor, reference, None)
    assert refused.value.field == field


@pytest.mark.parametrize("digits", ["", "123", "12a4", "१२"])
def test_code_128_takes_pairs_of_digits_only(digits: str) -> None:
    with pytest.raises(Invalid):
        code128_check(digits)
