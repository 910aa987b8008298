from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from kesto.core import money
from kesto.core.cancellation import ContractKind
from kesto.core.refusals import Invalid
from kesto.countries import COUNTRIES, country, notice_limits, vat_rate


@pytest.mark.parametrize(
    ("code", "category", "on", "percent"),
    [
        ("FI", "standard", "2013-01-01", "24"),
        ("FI", "standard", "2024-08-31", "24"),
        ("FI", "standard", "2024-09-01", "25.5"),
        ("FI", "standard", "2026-11-01", "25.5"),
        ("FI", "reduced", "2025-12-31", "14"),
        ("FI", "reduced", "2026-01-01", "13.5"),
        ("FI", "press", "2026-11-01", "10"),
        ("SE", "standard", "2026-11-01", "25"),
        ("SE", "low", "2026-11-01", "6"),
        ("NO", "reduced", "2026-11-01", "15"),
        ("DK", "standard", "2026-11-01", "25"),
        ("DE", "standard", "2020-06-30", "19"),
        ("DE", "standard", "2020-07-01", "16"),
        ("DE", "standard", "2020-12-31", "16"),
        ("DE", "standard", "2021-01-01", "19"),
    ],
)
def test_a_rate_holds_from_its_day(code: str, category: str, on: str, percent: str) -> None:
    assert vat_rate(code, category, date.fromisoformat(on)) == Decimal(percent)


@pytest.mark.parametrize(
    ("code", "category", "on", "refusal"),
    [
        ("FI", "luxury", date(2026, 11, 1), "unknown_tax_category"),
        ("FI", "", date(2026, 11, 1), "unknown_tax_category"),
        ("DK", "reduced", date(2026, 11, 1), "unknown_tax_category"),
        ("FI", "standard", date(2012, 12, 31), "unknown_tax_rate"),
        ("XX", "standard", date(2026, 11, 1), "unknown_country"),
        ("fi", "standard", date(2026, 11, 1), "unknown_country"),
        ("../FI", "standard", date(2026, 11, 1), "unknown_country"),
    ],
)
def test_what_is_not_known_is_refused(code: str, category: str, on: date, refusal: str) -> None:
    with pytest.raises(Invalid) as refused:
        vat_rate(code, category, on)
    assert refused.value.code == refusal


@pytest.mark.parametrize("code", COUNTRIES)
def test_every_pack_is_whole(code: str) -> None:
    pack = country(code)
    assert pack.code == code
    assert ZoneInfo(pack.zone)
    assert money.digits(pack.currency) == 2
    assert "en" in pack.languages
    assert "standard" in {row.category for row in pack.vat}
    for row in pack.vat:
        assert row.source
        assert row.covers
        assert 0 < row.rate_percent < 30
        assert vat_rate(code, row.category, row.valid_from) == row.rate_percent


@pytest.mark.parametrize("code", COUNTRIES)
def test_rows_of_a_category_change_the_rate_on_their_day(code: str) -> None:
    rows = country(code).vat
    for category in {row.category for row in rows}:
        dates = [row.valid_from for row in rows if row.category == category]
        assert dates == sorted(set(dates))
        for start in dates[1:]:
            before = vat_rate(code, category, start - timedelta(days=1))
            assert before != vat_rate(code, category, start)


@pytest.mark.parametrize(
    ("code", "kind", "start", "notice_on", "longest"),
    [
        ("FI", "general", "2010-01-01", "2026-11-01", ["open_ended: 30 day"]),
        ("FI", "telephone", "2010-01-01", "2026-11-01", ["open_ended: 14 day"]),
        ("FI", "general", "2010-01-01", "2017-12-31", []),
        ("DE", "general", "2022-03-01", "2026-11-01", ["renewed: 1 month"]),
        ("DE", "telephone", "2022-03-01", "2026-11-01", ["renewed: 1 month"]),
        ("DE", "general", "2022-02-28", "2026-11-01", []),
        ("SE", "general", "2022-03-01", "2026-11-01", []),
        ("XX", "general", "2022-03-01", "2026-11-01", []),
    ],
)
def test_the_longest_notice_of_a_consumer(
    code: str, kind: ContractKind, start: str, notice_on: str, longest: list[str]
) -> None:
    found = notice_limits(code, kind, date.fromisoformat(start), date.fromisoformat(notice_on))
    assert longest == [
        f"{limit.covers}: {limit.longest.count} {limit.longest.unit}" for limit in found
    ]
    assert all(limit.source and limit.country == code for limit in found)
