"""The worked catalogue of the documents: read, published, and its tables computed."""

import re
from decimal import Decimal
from itertools import count
from uuid import UUID

import pytest
from msgspec import structs

from kesto.adapters.files.catalogue import read_catalogue
from kesto.adapters.files.errors import FileError, InvalidFile
from kesto.core.calendar import Interval
from kesto.core.catalog import Catalogue, Price
from kesto.core.entitlements import Entitled, entitled
from kesto.core.money import format_minor
from kesto.core.price_checks import prices_of
from kesto.core.pricing import price
from tests.worked import FILE, TEXT

ZERO, HALF = Decimal(0), Decimal(50)
ROWS = re.findall(
    r"^\| (\w+)/(\w+)(?: (\w{3}))?( net)? \| (\d+) \| ([\d.]+) \|$", TEXT, re.MULTILINE
)


def catalogue(text: str = FILE) -> Catalogue:
    numbers = count(1)
    return read_catalogue(text.encode(), "prices.toml", lambda: UUID(int=next(numbers)))


def errors(text: str) -> tuple[FileError, ...]:
    with pytest.raises(InvalidFile) as caught:
        catalogue(text)
    return caught.value.errors


def _price(plan: str, code: str, currency: str, *, includes_tax: bool) -> Price:
    (version,) = [one for one in catalogue().plans if one.plan == plan]
    listed = prices_of(version.prices, currency, includes_tax=includes_tax)
    (found,) = [one for one in listed if one.code == code]
    return found


def test_every_table_of_the_document_is_found() -> None:
    assert len(ROWS) == TEXT.count("\n| ") - TEXT.count("\n| price ") - TEXT.count("\n| --- ")


@pytest.mark.parametrize(("plan", "code", "currency", "net", "quantity", "costs"), ROWS)
def test_the_tables_of_the_document(
    plan: str, code: str, currency: str, net: str, quantity: str, costs: str
) -> None:
    listed = _price(plan, code, currency or "EUR", includes_tax=not net)
    minor = price(listed.spec, Decimal(quantity)).minor(listed.currency)
    assert format_minor(minor, listed.currency) == costs


def test_everything_of_the_worked_catalogue_is_read() -> None:
    found = catalogue()
    by_plan = {version.plan: version for version in found.plans}
    assert list(by_plan) == ["mobile", "spot", "gym", "news"]
    assert [meter.code for meter in found.meters] == ["data", "energy"]
    assert [(price.meter, price.charged) for price in by_plan["mobile"].prices] == [
        ("", "advance"),
        ("data", "arrears"),
    ]
    trial, start, regular = by_plan["gym"].phases
    assert (trial.is_trial, trial.percent, trial.length) == (True, ZERO, Interval("day", 14))
    assert (start.percent, start.length, regular.length) == (HALF, Interval("month", 3), None)
    assert by_plan["gym"].prices[1].phases == (1,)
    assert (by_plan["gym"].terms.minimum_months, by_plan["gym"].terms.notice_days) == (12, 30)
    (coupon,) = found.coupons
    assert (coupon.percent, coupon.periods, str(coupon.valid_until)) == (HALF, 3, "2027-05-31")
    given = [
        (by_plan["mobile"].entitlements, Decimal(1)),
        (found.add_ons[0].entitlements, Decimal(1)),
    ]
    assert entitled(given)["sim_cards"] == Entitled(is_allowed=True, limit=Decimal(2))


WRONG = [
    ('meter = "data"', 'meter = "date"', "plans[0].prices[1].meter", "no meter"),
    ('meter = "energy"\n', "", "plans[1].prices[1].model", "meter"),
    ('aggregation = "sum"', 'aggregation = "summ"', "meters[0].aggregation", "one of"),
    ('aggregation = "sum"\nunit = "kWh"', 'aggregation = "max"', "plans[1].prices[1].meter", "fit"),
    ('meter = "data"', 'meter = "data"\ncharged = "advance"', "prices[1].charged", "arrears"),
    ('model = "flat"\namount = "19.90"', 'meter = "data"\nmodel = "flat"\namount = "19.90"',
     "plans[0].prices[0].meter", "flat"),
    ('feature = "sim_cards", limit = 1', 'feature = "sims"',
     "plans[0].entitlements[0].feature", "no feature"),
    ('{ feature = "calls_abroad" }', '{ feature = "calls_abroad", limit = 1 }',
     "add_ons[0].entitlements[0].limit", "leave"),
    ('kind = "limit"', 'kind = "metered"', "features[1].meter", "meter"),
    ('kind = "limit"', 'kind = "limited"', "features[1].kind", "boolean"),
    ("percent = 50\nduration", "duration", "coupons[0].percent", "given"),
    ("percent = 50\nduration", 'percent = 50\namount = "5.00"\nduration',
     "coupons[0].percent", "both"),
    ("percent = 50\nduration", 'amount = "5.005"\nduration', "coupons[0].amount", "decimals"),
    ("percent = 50\nduration", 'percent = "-1"\nduration', "coupons[0].percent", "negative"),
    ("periods = 3\n", "", "coupons[0].periods", "from 1"),
    ('plans = ["mobile"]\ncodes', 'plans = ["mobil"]\ncodes', "coupons[0].plans[0]", "mobil"),
    ('codes = ["SPRING27"]', 'codes = ["A", "a"]', "coupons[0].codes[1]", "capital"),
    ("valid_until = 2027-05-31", 'valid_until = "May"', "coupons[0].valid_until", "no date"),
    ("trial = true", "trial = true\npercent = 2000", "plans[2].phases[0].percent", "0 to 1000"),
    ('code = "start"', 'code = "trial"', "plans[2].phases[1].code", "already"),
    ('code = "start"', 'trial = true\ncode = "start"', "plans[2].phases[1].trial", "first"),
    ('interval = "day"\ninterval_count = 14', "", "plans[2].phases[0].interval", "only the last"),
    ('interval = "day"\n', "", "plans[2].phases[0].interval", "missing"),
    ('phases = ["start"]', 'phases = ["begin"]', "plans[2].prices[1].phases[0]", "no phase"),
    ("minimum_months = 12", "minimum_months = 121", "plans[2].terms.minimum_months", "0 to 120"),
    ("minimum_months = 12", 'at_term_end = "end"', "plans[2].terms.minimum_months", "needed"),
    ("minimum_months = 12", "minimum_month = 12", "plans[2].terms.minimum_month", "did you mean"),
    ("longest_pause_days = 60", 'paused_percents = "1"', "plans[2].terms", "unknown field"),
    ('currency = "SEK"\n', "", "plans[3].prices[1].code", "already"),
    ('currency = "SEK"', 'currency = "SKE"', "plans[3].prices[1].currency", "SKE"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "field", "words"), WRONG)
def test_a_wrong_value_is_named_with_its_line(
    right: str, wrong: str, field: str, words: str
) -> None:
    assert right in FILE
    found = [e for e in errors(FILE.replace(right, wrong, 1)) if field in e.field]
    assert [e for e in found if words in e.detail], errors(FILE.replace(right, wrong, 1))
    first = FILE[: FILE.index(right)].count("\n") + 1
    assert abs(found[0].line - first) < 20


def test_numbers_may_stand_with_quotes_or_without() -> None:
    quoted = FILE.replace("percent = 50\nduration", 'percent = "50.0"\nduration')
    quoted = quoted.replace("limit = 1", 'limit = "1.0"').replace("2027-05-31", '"2027-05-31"')
    assert catalogue(quoted) == catalogue()
    assert structs.asdict(catalogue(quoted).coupons[0]) == structs.asdict(catalogue().coupons[0])
