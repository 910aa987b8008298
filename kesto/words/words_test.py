import string
from datetime import date
from decimal import Decimal
from typing import get_args

import pytest

from kesto.core.line import ExplainedPart, Explanation
from kesto.core.pricing.part import What
from kesto.core.refusals import Invalid
from kesto.words import LANGUAGES, sentences
from kesto.words.forms import amount, exact_amount, iban, number, percent, period
from kesto.words.messages import check_language


def fields(message: str | tuple[str, str]) -> list[set[str]]:
    """Return the facts that each form of a message names."""
    forms = (message,) if isinstance(message, str) else message
    return [{name for _, name, _, _ in string.Formatter().parse(form) if name} for form in forms]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_message_with_the_same_facts(language: str) -> None:
    english = LANGUAGES["en"]
    messages = LANGUAGES[language]
    assert list(messages) == list(english)
    for key, message in messages.items():
        assert fields(message) == fields(english[key]), key
        assert all((message,) if isinstance(message, str) else message), key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", get_args(What))
def test_every_part_of_an_explanation_has_a_sentence(what: str, language: str) -> None:
    part = ExplainedPart(what, "3", "6.75", "2", "0.75")
    found = sentences(Explanation("3", "6.75", (part,)), 675, "EUR", language)
    assert len(found) == 1
    assert found[0].endswith(".")
    assert "{" not in found[0]
    assert any(figure in found[0] for figure in ("6", "3"))


def said(
    *parts: ExplainedPart,
    exact: str = "1",
    amount_minor: int = 100,
    language: str = "en",
    **more: object,
) -> list[str]:
    explanation = Explanation("1", exact, parts, **more)  # type: ignore[arg-type]  # mixed facts
    return sentences(explanation, amount_minor, "EUR", language)


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        (ExplainedPart("flat", "1", "1", "1"), "Fixed price €1.00."),
        (ExplainedPart("units", "1", "1", "1"), "1 unit: €1.00."),
        (ExplainedPart("units", "2.5", "1", "0.4"), "2.5 units: 2.5 × €0.40 = €1.00."),
        (ExplainedPart("units", "4", "1", "0.25"), "4 units: 4 × €0.25 = €1.00."),
        (ExplainedPart("packages", "2", "1", "0.5"), "2 packages: 2 × €0.50 = €1.00."),
        (ExplainedPart("packages", "0", "0", "0.5"), "0 packages: 0 × €0.50 = €0.00."),
        (ExplainedPart("included", "1", "0"), "1 unit is included in the price."),
        (
            ExplainedPart("tier", "50", "1", "0.01", "0.5"),
            "Tier price: 50 × €0.01 + €0.50 = €1.00.",
        ),
        (ExplainedPart("step", "7", "1", "0", "1"), "Price for a quantity of 7: €1.00."),
        (ExplainedPart("free_events", "1", "0"), "1 transaction is free."),
        (ExplainedPart("free_events", "3", "0"), "3 transactions are free."),
        (ExplainedPart("free_amount", "50", "0"), "Free of charge: transactions worth €50.00."),
        (
            ExplainedPart("percentage", "550", "7.15", "0.013"),
            "Percentage of the amount: 1.3% × €550.00 = €7.15.",
        ),
        (
            ExplainedPart("percentage", "10", "200.1", "0.01", "200"),
            "Percentage of the amount: 1% × €10.00 + €200.00 = €200.10.",
        ),
        (
            ExplainedPart("fixed_amounts", "2", "4", "2"),
            "Fixed price of 2 transactions: 2 × €2.00 = €4.00.",
        ),
        (
            ExplainedPart("fixed_amounts", "1", "2", "2"),
            "Fixed price of 1 transaction: €2.00.",
        ),
        (
            ExplainedPart("series", "3", "0.6", "0.2"),
            "Prices by the hour or quarter-hour, on average: 3 × €0.20 = €0.60.",
        ),
        (
            ExplainedPart("bucket", "9", "1.9", "0", "1.9"),
            "Quantity of 9, priced by itself: €1.90.",
        ),
        (
            ExplainedPart("commitment", "1", "6", "0", "6"),
            "Added up to the committed amount: €6.00.",
        ),
        (ExplainedPart("maximum", "1", "-3", "0", "-3"), "Reduced to the maximum price: −€3.00."),
    ],
)
def test_a_part_is_said_in_plain_words(part: ExplainedPart, sentence: str) -> None:
    assert said(part)[0] == sentence


def test_what_is_included_and_not_used_is_not_mentioned() -> None:
    assert said(ExplainedPart("included", "0", "0")) == []


def test_rounding_is_told_only_where_something_was_rounded() -> None:
    assert said(exact="1") == []
    assert said(exact="1.005", amount_minor=101) == ["Rounded from €1.005 to €1.01."]
    assert said(exact="0.333333333333", amount_minor=33) == [
        "Rounded from ≈\u00a0€0.333333 to €0.33."
    ]


def test_a_share_by_the_second_counts_seconds() -> None:
    part = ExplainedPart("share", "0.5", "-10", "20", "-20")
    found = said(part, exact="10", amount_minor=1000, share="1296000/2592000")
    assert found[0] == "In use for 1,296,000 of 2,592,000 seconds."


def test_a_correction_tells_what_was_what_is_and_the_difference() -> None:
    found = said(
        exact="4", amount_minor=-100, language="fi", corrects=1, was_minor=500, now_minor=400
    )
    text = "Korjaa aiemman rivin: summa oli 5,00 €, oikea summa on 4,00 €. Erotus on −1,00 €."
    assert [sentence.replace("\u00a0", " ") for sentence in found] == [text]


@pytest.mark.parametrize(
    ("minor", "currency", "fi", "en"),
    [
        (123450, "EUR", "1 234,50 €", "€1,234.50"),
        (-5, "EUR", "−0,05 €", "−€0.05"),
        (0, "EUR", "0,00 €", "€0.00"),
        (1234567, "SEK", "12 345,67 SEK", "SEK 12,345.67"),
        (1200, "JPY", "1 200 JPY", "JPY 1,200"),
        (-1125, "KWD", "−1,125 KWD", "−KWD 1.125"),
    ],
)
def test_sums_have_the_form_of_the_language(minor: int, currency: str, fi: str, en: str) -> None:
    assert (
        amount(minor, currency, "fi") == amount(minor, currency, "sv") == fi.replace(" ", "\u00a0")
    )
    assert amount(minor, currency, "en") == en.replace(" ", "\u00a0")


def test_numbers_keep_what_they_have_and_no_zeros_behind_it() -> None:
    assert number(Decimal("1234.500"), "fi") == "1\u00a0234,5"
    assert number(Decimal("1E+3"), "en") == "1,000"
    assert percent(Decimal("25.50"), "sv") == "25,5\u00a0%"
    assert percent(Decimal("25.5"), "en") == "25.5%"
    assert exact_amount(Decimal("0.0890"), "EUR", "fi") == "0,089\u00a0€"
    assert iban("FI2112345600000785") == "FI21 1234 5600 0007 85"


@pytest.mark.parametrize(
    ("start", "end", "fi", "sv", "en"),
    [
        (
            "2026-10-01",
            "2026-11-01",
            "1.–31.10.2026",
            "1.–31.10.2026",
            "1–31 October 2026",
        ),
        (
            "2026-09-15",
            "2026-10-15",
            "15.9.–14.10.2026",
            "15.9.–14.10.2026",
            "15 September – 14 October 2026",
        ),
        (
            "2026-12-15",
            "2027-01-15",
            "15.12.2026 – 14.1.2027",
            "15.12.2026 – 14.1.2027",
            "15 December 2026 – 14 January 2027",
        ),
        ("2026-11-01", "2026-11-02", "1.11.2026", "1.11.2026", "1 November 2026"),
    ],
)
def test_a_period_is_told_by_its_first_and_last_day(
    start: str, end: str, fi: str, sv: str, en: str
) -> None:
    first, after = date.fromisoformat(start), date.fromisoformat(end)
    assert [period(first, after, language) for language in ("fi", "sv", "en")] == [fi, sv, en]


def test_a_language_without_words_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        check_language("de")
    assert (refused.value.code, refused.value.field) == ("unknown_language", "language")
