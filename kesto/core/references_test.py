import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.core.references import finnish, is_finnish, is_rf, normal, rf
from kesto.core.refusals import Invalid

FINNISH = [
    "12344",
    "6666668",
    "1009",
    "302300",
    "202196",
    "302290",
    "868516259619897",
    "7758474790647489",
    "92125374252539897737",
]
RF = [
    ("2348236", "RF332348236"),
    ("868516259619897", "RF09868516259619897"),
    ("539007547034", "RF18539007547034"),
    ("1229", "RF921229"),
    ("1232", "RF111232"),
    ("1245", "RF481245"),
    ("1" * 21, "RF48" + "1" * 21),
    ("11112", "RF9811112"),
]
references = st.integers(min_value=100, max_value=10**19 - 1).map(finnish)


@pytest.mark.parametrize("reference", FINNISH)
def test_a_finnish_reference_ends_in_its_check_digit(reference: str) -> None:
    assert finnish(int(reference[:-1])) == reference
    assert is_finnish(reference)
    assert is_finnish(reference.zfill(20))


@pytest.mark.parametrize(
    "text",
    [
        "302301",
        "202195",
        "302291",
        "7758474790647480",
        "42",  # its check digit is right, but it is too short
        "0042",
        "",
        "12344x",
        "921253742525398977376",
        "١٢٣٤٤",  # digits, but not the bank's
    ],
)
def test_a_wrong_finnish_reference_is_seen(text: str) -> None:
    assert not is_finnish(text)


@pytest.mark.parametrize("base", [-1, 0, 99, 10**19])
def test_a_base_out_of_range_is_refused(base: int) -> None:
    with pytest.raises(Invalid) as refused:
        finnish(base)
    assert (refused.value.detail, refused.value.code, refused.value.field) == (
        f"A Finnish reference needs a base number of 3 to 19 digits, not {base}.",
        "reference_base",
        "base",
    )


@pytest.mark.parametrize(("body", "reference"), RF)
def test_an_rf_reference_is_made_and_recognised(body: str, reference: str) -> None:
    assert rf(body) == reference
    assert is_rf(reference)


@pytest.mark.parametrize(
    "text",
    [
        "RF175390075470Y",
        "RF10868516259619897",
        "RF" + "1" * 24,
        "RF18",
        "",
        "18539007547034",
        "RFA1539007547034",
    ],
)
def test_a_wrong_rf_reference_is_seen(text: str) -> None:
    assert not is_rf(text)


@pytest.mark.parametrize("body", ["", "1" * 22, "12-3", "ä1"])
def test_a_wrong_rf_body_is_refused(body: str) -> None:
    with pytest.raises(Invalid) as refused:
        rf(body)
    assert (refused.value.detail, refused.value.code, refused.value.field) == (
        f"An RF reference needs a body of 1 to 21 letters or digits, not {body!r}.",
        "reference_base",
        "base",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("00000000000000012344", "12344"),
        (" 1 2344 ", "12344"),
        ("rf33 2348 236", "2348236"),
        ("RF330002348236", "2348236"),
        ("RF98 1111 2", "11112"),
        ("rf18 5390 0754 70y", "RF185390075470Y"),  # the body is no Finnish reference
        ("RF34 2348 236", "RF342348236"),  # wrong check digits: left alone
        ("isr ref 1", "ISRREF1"),
        ("0", ""),
        ("", ""),
    ],
)
def test_every_writing_has_one_normal_form(text: str, expected: str) -> None:
    assert normal(text) == expected


@given(references, st.data())
def test_one_wrong_digit_is_always_noticed(reference: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(reference) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != reference[place]]))
    assert not is_finnish(reference[:place] + other + reference[place + 1 :])


@given(references)
def test_the_normal_form_of_all_writings_is_the_same(reference: str) -> None:
    assert normal(reference) == normal(reference.zfill(20)) == normal(rf(reference)) == reference
