import string
from datetime import date
from decimal import Decimal
from typing import Any, get_args
from uuid import UUID

import pytest
from msgspec.structs import replace

from kesto.core.line import ExplainedPart, Explanation
from kesto.core.pricing.part import What
from kesto.core.reasons import Reason
from kesto.core.reasons import What as Changed
from kesto.core.refusals import Invalid
from kesto.words import LANGUAGES, sentences
from kesto.words.explanations import brief
from kesto.words.forms import amount, exact_amount, iban, number, percent, period
from kesto.words.messages import check_language
from kesto.words.reasons import Called, reason_text
from kesto.words.tongue import Tongue
from kesto.words.views import UsageView


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


@pytest.mark.parametrize(
    ("share", "percent", "told"),
    [
        ("24.8/31", "80", ["80 % hinnasta tässä vaiheessa.", "10,00 € × 80 %."]),
        ("12/31", "80", ["Käytössä 15/31 päivää.", "10,00 € × 80 % × 15/31."]),
        ("10.333333333333/31", "33.3333333333", ["10,00 € × 33,3333333333 %."]),
        ("16.8/31 × 3/4", "80", ["10,00 € × 80 % × 21/31 × 3/4."]),
        ("7.5/31", "100", ["Käytössä 7,5/31 päivää.", "10,00 € × 7,5/31."]),
    ],
)
def test_a_phase_and_the_days_are_told_apart(share: str, percent: str, told: list[str]) -> None:
    part = ExplainedPart("share", "0.5", "-5", "10", "-10")
    more: dict[str, Any] = {"skipped": 1, "deliveries": 4} if "3/4" in share else {}
    found = said(part, language="fi", share=share, percent=percent, **more)
    text = " ".join(found).replace("\u00a0", " ")
    assert all(one in text for one in told)
    assert ("Käytössä" in text) == ("Käytössä" in told[0])
    assert "24,8" not in text


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


def told_of_usage(
    *parts: ExplainedPart, quantity: str, usage: UsageView, language: str = "en", **more: object
) -> list[str]:
    explanation = Explanation(quantity, "1", parts, **more)  # type: ignore[arg-type]  # mixed facts
    found = sentences(explanation, 100, "EUR", language, "usage", usage)
    return [sentence.replace("\u00a0", " ") for sentence in found]


GIGABYTES = UsageView("Data", "GB")
ABOVE = (ExplainedPart("included", "100", "0"), ExplainedPart("units", "10", "1", "0.1"))


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ["100 GB is included in the price.", "Above it: 10 GB × €0.10 = €1.00."]),
        ("fi", ["100 GB sisältyy hintaan.", "Sen ylittävä osa: 10 GB × 0,10 € = 1,00 €."]),
        ("sv", ["100 GB ingår i priset.", "Därutöver: 10 GB × 0,10 € = 1,00 €."]),
    ],
)
def test_usage_is_told_in_its_unit(language: str, told: list[str]) -> None:
    assert told_of_usage(*ABOVE, quantity="110", usage=GIGABYTES, language=language) == told


def test_what_a_price_converts_is_not_told_in_the_unit_of_the_meter() -> None:
    assert told_of_usage(*ABOVE, quantity="110000", usage=GIGABYTES) == [
        "100 units are included in the price.",
        "10 units: 10 × €0.10 = €1.00.",
    ]


def test_usage_within_what_is_included_costs_nothing_more() -> None:
    parts = (ExplainedPart("included", "7", "0"), ExplainedPart("units", "0", "0", "0.1"))
    found = told_of_usage(*parts, quantity="7", usage=GIGABYTES)
    assert found[0] == "7 GB is included in the price."
    assert not any("Above" in sentence for sentence in found)


def test_tiers_and_averages_are_told_in_their_unit() -> None:
    power = UsageView("Electricity", "kWh")
    tiers = (ExplainedPart("tier", "5", "0.5", "0.1"), ExplainedPart("tier", "1", "0.5", "0.5"))
    assert told_of_usage(*tiers, quantity="6", usage=power) == [
        "Tier 1: 5 kWh × €0.10 = €0.50.",
        "Tier 2: 1 kWh × €0.50 = €0.50.",
    ]
    hours = (
        ExplainedPart("series", "10", "0.9", "0.09"),
        ExplainedPart("margin", "10", "0.1", "0.01"),
    )
    assert told_of_usage(*hours, quantity="10", usage=power) == [
        "Prices by the hour or quarter-hour, on average: 10 kWh × €0.09 = €0.90.",
        "Margin: 10 kWh × €0.01 = €0.10.",
    ]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Usage came late: it was 150 GB, and now it is 160 GB."),
        ("fi", "Käyttöä tuli tietoon myöhässä: määrä oli 150 GB, nyt se on 160 GB."),
        ("sv", "Användning kom in sent: mängden var 150 GB, nu är den 160 GB."),
    ],
)
def test_late_usage_says_what_it_was_and_is(language: str, told: str) -> None:
    late = replace(GIGABYTES, before=Decimal(150))
    corrected: dict[str, object] = {"corrects": 1, "was_minor": 500, "now_minor": 600}
    units = ExplainedPart("units", "160", "6", "0.1")
    found = told_of_usage(units, quantity="160", usage=late, language=language, **corrected)
    assert told in found
    explanation = Explanation("160", "6", (units,), **corrected)  # type: ignore[arg-type]  # mixed facts
    assert len(brief(explanation, 100, "EUR", language, "usage", late)) == 2


def test_a_difference_in_usage_is_told_in_its_unit() -> None:
    tongue, meters = Tongue("en", "EUR"), {"data": GIGABYTES}
    names = {UUID(int=1): "Mobile"}

    def said(what: Changed, before: str = "", now: str = "") -> str:
        reason = Reason(what, UUID(int=1), 100, before, now, meter="data")
        return reason_text(reason, Called(names, meters), tongue).replace("\u00a0", " ")

    assert said("quantity", "40", "101") == "Mobile, Data: 61 GB more"
    assert said("quantity", "101", "40.5") == "Mobile, Data: 60.5 GB less"
    assert said("correction") == "Earlier usage: Mobile, Data"
    assert said("average", "0.08", "0.0915").startswith("Mobile, Data")
