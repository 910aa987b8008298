"""The price list in TOML: what is read, and what is said about everything wrong."""

from collections.abc import Callable
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kesto.adapters.files.catalogue import read_catalogue
from kesto.adapters.files.errors import FileError, InvalidFile
from kesto.core.calendar import Interval
from kesto.core.catalog import AddOn, Catalogue, PlanVersion, Price, Product
from kesto.core.pricing import parse_price
from kesto.core.refusals import Invalid

PRICES = """\
currency = "EUR"
prices_include_tax = true

[[products]]
code = "line"
name = { fi = "Liittymä", en = "Line" }

[[plans]]
code = "basic"
name.fi = "Perus"

# the monthly price
[[plans.prices]]
code = "monthly"
product = "line"
interval = "month"
model = "flat"
amount = "20.00"

[[plans.prices]]
code = "usage"
product = "line"
interval = "month"
model = "graduated"
tiers = [
    { up_to = 5, unit_amount = 2.00 },
    { unit_amount = "1.50" },
]

[[add_ons]]
code = "more"
name = { sv = "Mera" }
plans = ["basic"]

[[add_ons.prices]]
code = "monthly"
product = "line"
one_time = true
model = "flat"
amount = "5"
"""


def ids() -> Callable[[], UUID]:
    numbers = count(1)
    return lambda: UUID(int=next(numbers))


def catalogue(text: str | bytes) -> Catalogue:
    data = text.encode() if isinstance(text, str) else text
    return read_catalogue(data, "prices.toml", ids())


def errors(text: str | bytes) -> tuple[FileError, ...]:
    with pytest.raises(InvalidFile) as caught:
        catalogue(text)
    return caught.value.errors


def test_a_price_list_is_read_whole() -> None:
    found = catalogue(PRICES)
    monthly, usage = found.plans[0].prices
    one_time = found.add_ons[0].prices[0]
    assert (found.currency, found.includes_tax) == ("EUR", True)
    assert found.products[0].names == {"fi": "Liittymä", "en": "Line"}
    assert (monthly.interval, monthly.charged, monthly.proration) == (
        Interval("month"),
        "arrears",
        "day",
    )
    tiers = [{"up_to": "5", "unit_amount": "2.00"}, {"up_to": None, "unit_amount": "1.50"}]
    assert usage.spec == parse_price({"model": "graduated", "tiers": tiers})
    assert (one_time.interval, one_time.includes_tax, one_time.currency) == (None, True, "EUR")
    assert (found.add_ons[0].plans, found.add_ons[0].version) == (("basic",), 1)


def test_each_thing_gets_an_id_of_its_own() -> None:
    found = catalogue(PRICES)
    prices = (*found.plans[0].prices, *found.add_ons[0].prices)
    things: tuple[Product | PlanVersion | AddOn | Price, ...] = (
        *found.products,
        *found.plans,
        *found.add_ons,
        *prices,
    )
    numbers = [thing.id.int for thing in things]
    assert sorted(set(numbers)) == sorted(numbers)
    assert len(numbers) == 6


def test_numbers_without_quotes_keep_every_digit() -> None:
    text = PRICES.replace('"20.00"', "0.123456789012")
    spec = parse_price({"model": "flat", "amount": "0.123456789012", "charged": "arrears"})
    assert catalogue(text).plans[0].prices[0].spec == spec


def test_a_flat_price_is_charged_as_its_price_says() -> None:
    advance = PRICES.replace('model = "flat"', 'charged = "advance"\nmodel = "flat"', 1)
    for text, charged in ((PRICES, "arrears"), (advance, "advance")):
        price = catalogue(text).plans[0].prices[0]
        spec = parse_price({"model": "flat", "amount": "20.00", "charged": charged})
        assert (price.charged, price.spec) == (charged, spec)


WRONG_PRICES = [
    ('currency = "EUR"', 'currency = "EUX"', "currency", "EUX"),
    ('currency = "EUR"', "currency = 978", "currency", "text in quotes"),
    ("prices_include_tax = true", 'prices_include_tax = "yes"', "prices_include_tax", "true or"),
    ('amount = "20.00"', 'amount = "-20.00"', "plans[0].prices[0].amount", "negative"),
    ('amount = "20.00"', "amount = -0.01", "plans[0].prices[0].amount", "negative"),
    ('amount = "20.00"', "amount = nan", "plans[0].prices[0].amount", "decimal"),
    ('amount = "20.00"', "amount = 1e999999999", "plans[0].prices[0].amount", "decimal"),
    ('amount = "20.00"', f"amount = 0x{'f' * 9000}", "plans[0].prices[0].amount", "decimal"),
    ('amount = "20.00"', 'amount = "0.1234567890123"', "plans[0].prices[0].amount", "12 after"),
    ('amount = "20.00"', 'ammount = "20.00"', "plans[0].prices[0]", "missing"),
    ('model = "graduated"', 'model = "gradual"', "plans[0].prices[1].model", "gradual"),
    ('model = "graduated"', 'model = "percentage"', "plans[0].prices[1]", "missing"),
    ('model = "graduated"', 'bucketed = true\nmodel = "graduated"', "bucketed", "meter"),
    (
        'model = "graduated"',
        'commitment = { amount = "9" }\nmodel = "graduated"',
        "plans[0].prices[1].commitment",
        "meter",
    ),
    ("up_to = 5,", "up_to = -1,", "plans[0].prices[1].tiers[0].up_to", "negative"),
    ('{ unit_amount = "1.50" }', '{ up_to = "9", unit_amount = "1.50" }', "tiers[1].up_to", "last"),
    ("[[plans]]", 'tax_category = "standrad"\n[[plans]]', "products[0].tax_category", "reduced"),
    ('code = "more"', 'code = "m o r e"', "add_ons[0].code", "no code"),
    ('code = "usage"', 'code = "monthly"', "plans[0].prices[1].code", "line 13"),
    ('product = "line"', 'product = "lime"', "plans[0].prices[0].product", "no product"),
    ('plans = ["basic"]', 'plans = ["basics"]', "add_ons[0].plans[0]", "no plan"),
    ('plans = ["basic"]', "plans = []", "add_ons[0].plans", "empty"),
    ('interval = "month"', 'interval = "moon"', "plans[0].prices[0].interval", "day, week"),
    ('interval = "month"', "interval_count = 2", "plans[0].prices[0].interval", "one_time"),
    ("one_time = true", 'one_time = true\ninterval = "month"', "add_ons[0].prices[0]", "together"),
    ('model = "flat"', 'proration = "hour"\nmodel = "flat"', "prices[0].proration", "second"),
    ('name = { sv = "Mera" }', "name = {}", "add_ons[0].name", "at least one"),
    ('name = { sv = "Mera" }', 'name = { se = "Mera" }', "add_ons[0].name", "at least one"),
    ('name = { sv = "Mera" }', 'name = "Mera"', "add_ons[0].name", "table"),
    ('name.fi = "Perus"', r'name.fi = "Pe\u0000rus"', "plans[0].name.fi", "control"),
    ('name.fi = "Perus"', 'name.fi = "Perus"\nversion = 0', "plans[0]", "from 1"),
    ('name.fi = "Perus"', 'name.fi = "Perus"\nverion = 2', "plans[0]", "did you mean version"),
]


@pytest.mark.parametrize(("right", "wrong", "field", "words"), WRONG_PRICES)
def test_a_wrong_value_is_named_with_its_line(
    right: str, wrong: str, field: str, words: str
) -> None:
    text = PRICES.replace(right, wrong, 1)
    first = PRICES[: PRICES.index(right)].count("\n") + 1
    lines = range(first, first + wrong.count("\n") + 1)
    found = [e for e in errors(text) if field in e.field and words in e.detail]
    assert found, errors(text)
    if "missing" not in words and "one_time" not in words:
        assert found[0].line in lines


def test_everything_wrong_is_said_at_once_in_order_of_lines() -> None:
    text = PRICES.replace('"20.00"', '"-1"').replace('"EUR"', '"EUX"').replace('"5"', '"-5"')
    found = errors(text)
    assert [(error.line, error.field) for error in found] == [
        (1, "currency"),
        (18, "plans[0].prices[0].amount"),
        (40, "add_ons[0].prices[0].amount"),
    ]
    assert str(found[1]).startswith("prices.toml, line 18, plans[0].prices[0].amount: ")


def test_a_refused_file_is_an_invalid_input_that_tells_how_much_more_is_wrong() -> None:
    text = PRICES.replace('"20.00"', '"-1"').replace('"EUR"', '"EUX"')
    with pytest.raises(Invalid, match=r"^prices.toml, line 1, currency: .* \(and 1 more\)$") as one:
        catalogue(text)
    assert (one.value.code, one.value.field) == ("invalid_file", "currency")


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"currency = \n", 1, "not TOML"),
        (b'currency = "EUR"\ncurrency = "SEK"\n', 2, "not TOML"),
        (b'currency = "EUR"\n[[products]\n', 2, "not TOML"),
        (b'currency = "EUR"\nname = "unfinished', 2, "not TOML"),
        (b'currency = "EUR"\nname = "\xe4"\n', 2, "UTF-8"),
        ('currency = "EUR"'.encode("utf-16"), 1, "UTF-8"),
        (b"x = " + b"[" * 100_000, 1, "too deeply"),
        (b"x = " + b"9" * 5000, 1, "not TOML"),
        (b"#" * 2_000_001, 1, "larger than 2 MB"),
    ],
)
def test_what_is_no_toml_is_refused_with_its_line(data: bytes, line: int, words: str) -> None:
    (error,) = errors(data)
    assert (error.line, words in error.detail) == (line, True), error


def test_an_empty_price_list_misses_what_it_needs() -> None:
    fields = [error.field for error in errors("")]
    assert fields == ["currency", "prices_include_tax", "products", "plans"]


def test_a_price_list_with_a_byte_order_mark_and_windows_lines_is_read() -> None:
    data = b"\xef\xbb\xbf" + PRICES.replace("\n", "\r\n").encode()
    assert catalogue(data) == catalogue(PRICES)
    wrong = data.replace(b'"5"', b'"-5"')
    assert [error.line for error in errors(wrong)] == [40]


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(PRICES)), st.integers(0, 20), st.text(max_size=5))
def test_a_damaged_price_list_is_read_or_refused(at: int, length: int, other: str) -> None:
    text = PRICES[:at] + other + PRICES[at + length :]
    try:
        found: Catalogue | tuple[FileError, ...] = catalogue(text.encode(errors="surrogatepass"))
    except InvalidFile as refused:
        found = refused.errors
    if isinstance(found, tuple):
        assert all(1 <= error.line <= text.count("\n") + 1 for error in found)
