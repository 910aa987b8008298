"""Payment references against published vectors and an independent library."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso11649, luhn

from kesto.adapters.banking.references import SCHEMES, fik, is_valid, kid, ocr, printed, reference
from kesto.core.refusals import Invalid

digits = st.text("0123456789", min_size=1, max_size=14)

MADE = [
    ("fi", "1234", "12344"),
    ("fi", "666666", "6666668"),
    ("fi", "100", "1009"),
    ("fi", "30230", "302300"),
    ("fi", "86851625961989", "868516259619897"),
    ("fi", "775847479064748", "7758474790647489"),
    ("fi", "9212537425253989773", "92125374252539897737"),
    ("rf", "2348236", "RF332348236"),
    ("rf", "868516259619897", "RF09868516259619897"),
    ("rf", "539007547034", "RF18539007547034"),
    ("rf", "11112", "RF9811112"),
    ("se_ocr", "12345", "123455"),
    ("se_ocr", "10023", "100230"),
    ("se_ocr", "2026000123", "20260001233"),
    ("no_kid", "60224", "602243"),
    ("no_kid", "2345676", "23456767"),
    ("no_kid", "100000", "1000009"),
    ("no_kid", "1234567", "12345674"),
    ("dk_fik", "00404040000066", "004040400000669"),
    ("dk_fik", "404040000066", "004040400000669"),
]


@pytest.mark.parametrize(("scheme", "base", "expected"), MADE)
def test_a_reference_is_made_and_recognised(scheme: str, base: str, expected: str) -> None:
    assert reference(scheme, base) == expected
    assert is_valid(scheme, expected)


@pytest.mark.parametrize(
    ("base", "expected"),
    [("12345", "1234574"), ("10023", "1002377"), ("2026000123", "202600012324")],
)
def test_an_ocr_number_may_carry_its_length(base: str, expected: str) -> None:
    assert ocr(base, has_length_digit=True) == expected
    assert is_valid("se_ocr", expected)


@pytest.mark.parametrize(
    ("base", "expected"),
    [("2345676", "23456761"), ("100000", "1000004"), ("1234567", "12345674"), ("104", "104-")],
)
def test_a_kid_may_go_by_modulus_11(base: str, expected: str) -> None:
    assert kid(base, 11) == expected
    assert is_valid("no_kid", expected)


@pytest.mark.parametrize(
    ("scheme", "text"),
    [
        ("fi", "302301"),
        ("fi", "202195"),
        ("fi", "302291"),
        ("fi", "7758474790647480"),
        ("fi", "42"),
        ("fi", "RF332348236"),
        ("rf", "RF175390075470Y"),
        ("rf", "RF10868516259619897"),
        ("rf", "RF" + "0" * 24),
        ("rf", "2348236"),
        ("se_ocr", "123456"),
        ("se_ocr", "5"),
        ("se_ocr", "1" * 26),
        ("no_kid", "602244"),
        ("no_kid", "-602243"),
        ("no_kid", "60"),
        ("dk_fik", "004040400000668"),
        ("dk_fik", "4040400000669"),
        ("dk_fik", "+71<004040400000668+12345678<"),
        *((scheme, text) for scheme in SCHEMES for text in ("", "x", "١٢٣٤٤", "-")),
    ],
)
def test_a_wrong_reference_is_seen(scheme: str, text: str) -> None:
    assert not is_valid(scheme, text)


@pytest.mark.parametrize(
    ("scheme", "base"),
    [
        ("fi", "99"),
        ("fi", "1" * 20),
        ("fi", "-100"),
        ("fi", "000"),
        ("rf", ""),
        ("rf", "1" * 22),
        ("se_ocr", ""),
        ("se_ocr", "1" * 25),
        ("no_kid", "12"),
        ("no_kid", "12-"),
        ("dk_fik", "1" * 15),
        ("dk_fik", "x"),
    ],
)
def test_a_base_that_does_not_fit_is_refused(scheme: str, base: str) -> None:
    with pytest.raises(Invalid) as refused:
        reference(scheme, base)
    assert (refused.value.code, refused.value.field) == ("reference_base", "base")


def test_an_unknown_scheme_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Invalid) as refused:
        reference("esr", "1234")
    assert refused.value.field == "scheme"
    assert "no_kid" in refused.value.detail


@pytest.mark.parametrize(
    ("scheme", "text", "expected"),
    [
        ("fi", "123456", "1 23456"),
        ("fi", "69875672083435364", "69 87567 20834 35364"),
        ("fi", "00000000000000012344", "12344"),
        ("rf", "rf332348236", "RF33 2348 236"),
        ("rf", "RF09868516259619897", "RF09 8685 1625 9619 897"),
        ("se_ocr", "1234 574", "1234574"),
        ("dk_fik", "004040400000669", "004040400000669"),
    ],
)
def test_a_reference_is_printed_for_reading(scheme: str, text: str, expected: str) -> None:
    assert printed(scheme, text) == expected
    assert is_valid(scheme, expected) == is_valid(scheme, text)


def test_a_whole_danish_payment_line_is_recognised() -> None:
    assert is_valid("dk_fik", "+71<004040400000669+12345678<")


@given(digits)
def test_luhn_agrees_with_an_independent_library(base: str) -> None:
    expected = base + luhn.calc_check_digit(base)
    assert ocr(base) == expected
    assert fik(base).endswith(luhn.calc_check_digit(base.zfill(14)))


@given(st.text("0123456789ABCXYZ", min_size=1, max_size=21))
def test_rf_agrees_with_an_independent_library(body: str) -> None:
    assert iso11649.is_valid(reference("rf", body))
