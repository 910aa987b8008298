"""What is wrong is refused in plain words, and nothing is half-done afterwards."""

from collections.abc import Iterator
from typing import LiteralString

import psycopg
import pytest

from kesto.ops import console, database
from kesto.ops.home import Home
from tests.contracts.command_line import CommandLine, opened
from tests.contracts.pages import Written, steps

MAIN = ("--merchant", "laajakaista")
LIVE = ("--merchant", "oikea")
FILES = {
    step.name: step.text for step in steps("docs/recipes/first-day.md") if isinstance(step, Written)
}
MAGAZINE = """[[products]]
code = "magazine"
name.en = "Magazine"
tax_category = "low"
[[plans]]"""
JUNK = bytes(range(256)) * 20
DTD = '<?xml version="1.0"?>\n<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n<d>&a;</d>'


@pytest.fixture(scope="module")
def shop() -> Iterator[CommandLine]:
    """The first day as its page tells it, up to the queue; and a live merchant beside it."""
    with opened() as kesto:
        for name, text in FILES.items():
            kesto.file(name, text)
        kesto.fine("import", "merchant", "merchant.toml")
        for words in (
            ("import", "catalogue", "prices.toml"),
            ("import", "customers", "customers.csv"),
            ("bill",),
            ("clock", "2026-10-21T06:00"),
            ("import", "bank", "bank.xml"),
        ):
            kesto.fine(*words)
        live = FILES["merchant.toml"].replace("laajakaista", "oikea").replace("test", "live")
        kesto.file("live.toml", "\n".join(x for x in live.splitlines() if "clock" not in x))
        kesto.fine("import", "merchant", "live.toml")
        kesto.fine("import", "bank", "bank.xml", *LIVE)
        yield kesto


def changed(name: str, old: str, new: str) -> str:
    assert old in FILES[name]
    return FILES[name].replace(old, new, 1)


BAD_FILES: dict[str, tuple[str, str | bytes, str]] = {
    # Bank files
    "unreadable": ("bank", "<Document><GrpHdr>", "bad, line 1: the file can't be read as XML"),
    "a DTD": ("bank", DTD, "bad, line 2: the file has a document type (DOCTYPE)"),
    "no report": ("bank", "<html></html>", "the file is no account report"),
    "an empty bank file": ("bank", "", "bad is empty"),
    "binary junk as XML": ("bank", JUNK, "can't be read as XML"),
    "a foreign account": (
        "bank",
        changed("bank.xml", "FI2112345600000785", "FI7944052020036082"),
        "bad: the file is about account FI7944052020036082, which is none of this merchant's",
    ),
    # Customers
    "an impossible e-mail": (
        "customers",
        changed("customers.csv", "erik@example.com", "erik@@example"),
        'bad, line 4, email: "erik@@example" is no e-mail address',
    ),
    "an unknown plan": (
        "customers",
        changed("customers.csv", "S-3,home", "S-33,villa").replace("S-1,", "S-333,"),
        "bad, line 4, plan: there is no plan 'villa'",
    ),
    "an add-on twice": (
        "customers",
        changed("customers.csv", "S-2,home,devices", "S-22,home,devices|devices"),
        "bad, line 3, add_ons:",
    ),
    "an empty list of customers": ("customers", " \n", "bad is empty"),
    "binary junk as CSV": ("customers", JUNK, "this is not UTF-8"),
    "customers in another encoding": (
        "customers",
        changed("customers.csv", "Aino", "Äinö").encode("latin-1"),
        "bad, line 2: this is not UTF-8; save the file as UTF-8",
    ),
    "customers in UTF-16": ("customers", FILES["customers.csv"].encode("utf-16"), "not UTF-8"),
    "a price list as customers": ("customers", FILES["prices.toml"], "unknown field"),
    # Price lists
    "a negative price": (
        "catalogue",
        changed("prices.toml", '"29.90"', '"-29.90"'),
        "bad, line 29, plans[0].prices[0].amount: may not be negative",
    ),
    "an unknown currency": (
        "catalogue",
        changed("prices.toml", "EUR", "EUX"),
        "bad, line 1, currency: 'EUX' is not a currency",
    ),
    "a version changed after publishing": (
        "catalogue",
        changed("prices.toml", '"29.90"', '"31.90"'),
        "bad, line 19, plans[0]: plan 'home' version 1 is published and cannot change; publish",
    ),
    "an add-on changed after publishing": (
        "catalogue",
        changed("prices.toml", '"1.50"', '"1.60"'),
        "add_ons[0]: add_on 'devices' version 1 is published",
    ),
    "a version left out": (
        "catalogue",
        changed("prices.toml", 'code = "home"', 'code = "home"\nversion = 3'),
        "plans[0].version: the next version of plan 'home' is 2, not 3",
    ),
    "a product changed after publishing": (
        "catalogue",
        changed("prices.toml", '"3020"', '"3030"'),
        "bad, line 9, products[1]: product 'installation' is sold with",
    ),
    "a VAT category of another country": (
        "catalogue",
        changed("prices.toml", "[[plans]]", MAGAZINE),
        "bad, line 19, products[3]: 'low' is no VAT category of FI; known: standard",
    ),
    "an empty price list": ("catalogue", "", "bad is empty"),
    "binary junk as TOML": ("catalogue", JUNK, "this is not UTF-8"),
    # Merchants
    "a merchant that is there": ("merchant", FILES["merchant.toml"], "exists already"),
    "a wrong account number": (
        "merchant",
        changed("merchant.toml", "07 85", "07 86"),
        "iban: is no account number (IBAN)",
    ),
    "a wrong business ID": (
        "merchant",
        changed("merchant.toml", "2915046-7", "2915046-8"),
        "business_id: is no Finnish business ID",
    ),
    "a live merchant with a clock": (
        "merchant",
        changed("merchant.toml", '"test"', '"live"'),
        "bad, line 4, clock: is for test merchants",
    ),
    "a clock that shows nothing": (
        "merchant",
        changed("merchant.toml", "2026-10-15T06:00", "half past six"),
        "bad, line 4, clock:",
    ),
    "a price list as a merchant": (
        "merchant",
        FILES["prices.toml"],
        "bad, line 1, code: is missing",
    ),
}


@pytest.mark.parametrize("what", BAD_FILES)
def test_a_bad_file_is_refused_whole(shop: CommandLine, what: str) -> None:
    noun, content, words = BAD_FILES[what]
    merchant = () if noun == "merchant" else MAIN
    assert words in shop.refused("import", noun, shop.file("bad", content), *merchant)


@pytest.mark.parametrize("noun", ["bank", "customers", "catalogue", "merchant"])
def test_a_file_of_100_megabytes_is_refused_unread(shop: CommandLine, noun: str) -> None:
    name = shop.file("large", "")
    with (shop.folder / name).open("rb+") as file:
        file.truncate(100_000_000)
    merchant = () if noun == "merchant" else MAIN
    assert "large is too large: at most" in shop.refused("import", noun, name, *merchant)


@pytest.mark.parametrize("noun", ["bank", "customers", "catalogue", "merchant"])
def test_a_folder_is_no_file(shop: CommandLine, noun: str) -> None:
    merchant = () if noun == "merchant" else MAIN
    assert "home can't be read: Is a directory" in shop.refused("import", noun, "home", *merchant)


def test_a_header_without_rows_says_that_nothing_was_changed(shop: CommandLine) -> None:
    before = shop.contents()
    name = shop.file("header.csv", FILES["customers.csv"].splitlines()[0])
    answer = shop("import", "customers", name, "--json", *MAIN)
    assert set(answer.json.values()) == {0}
    assert answer.messages == "header.csv has no rows below its header: nothing was changed.\n"
    assert shop.contents() == before


def test_a_bank_file_that_comes_again_changes_nothing(shop: CommandLine) -> None:
    before = shop.contents()
    answer = shop("import", "bank", "bank.xml", "--json", *MAIN)
    assert (answer.status, answer.json["new"]) == (console.FINE, 0)
    assert "was imported before" in answer.messages
    assert shop.contents() == before


def test_twenty_errors_are_shown_and_the_rest_is_counted(shop: CommandLine) -> None:
    rows = "".join(f"{number},consumer,Aino,aino@\n" for number in range(30))
    name = shop.file("[red] ä.csv", f"external_id,kind,name,email\n{rows}")
    lines = shop.refused("import", "customers", name, *MAIN).splitlines()
    assert [line.startswith(f"error: {name}, line ") for line in lines] == [True] * 20 + [False]
    assert lines[-1] == "and 10 more"


def test_a_program_gets_the_errors_as_a_list(shop: CommandLine) -> None:
    name = shop.file("bad", changed("customers.csv", "S-3,home", "S-33,villa"))
    answer = shop("import", "customers", name, "--json", *MAIN)
    assert (answer.status, answer.messages) == (console.REFUSED, "")
    error = answer.json["error"]
    wanted = {"file": "bad", "line": 4, "field": "plan", "detail": "there is no plan 'villa'"}
    assert (error["code"], error["errors"]) == ("invalid_file", [wanted])


NONSENSE = {
    "no merchant named": (("match",), "name one of the merchants with --merchant: laajakaista"),
    "an unknown merchant": (("bill", "--merchant", "x"), "there is no merchant 'x'"),
    "an unknown invoice": (("invoice", "show", "2026-000999", *MAIN), "no invoice '2026-000999'"),
    "no invoice number": (("invoice", "show", "¼-½", *MAIN), "a number looks like 2026-000123"),
    "an unknown language": (("invoice", "show", "2026-000001", "--language", "xx", *MAIN), "'xx'"),
    "no calendar day": (("bill", "--through", "2026-13-01", *MAIN), "not in the calendar"),
    "no leap day": (("bill", "--through", "2026-02-29", *MAIN), "not in the calendar"),
    "no day": (("bill", "--through", "tomorrow", *MAIN), "write it as 2026-11-30"),
    "a day to come": (
        ("bill", "--through", "2026-10-22", *MAIN),
        "2026-10-22 has not come yet: today is 2026-10-21",
    ),
    "no parked group": (("bill", "--release", "abcd", *MAIN), "no billing group that ends in abcd"),
    "no id of a group": (("bill", "--release", "x", *MAIN), "is not the id of a billing_group"),
    "no waiting payment": (
        ("match", "--settle", "ffffffff", "2026-000002", *MAIN),
        "no bank transaction that ends in ffffffff waits",
    ),
    "no id of a payment": (("match", "--settle", "?", "2026-000002", *MAIN), "is not the id of"),
    "half a settlement": (("match", "--settle", "", "2026-000002", *MAIN), "give the id"),
    "a credit without a reason": (
        ("invoice", "credit", "2026-000002", "--reason", " ", *MAIN),
        "say why the invoice is credited",
    ),
    "a credit of nothing": (
        ("invoice", "credit", "2026-000999", "--reason", "x", *MAIN),
        "there is no invoice",
    ),
    "no month": (("close", "2026-13", *MAIN), "write it as 2026-10"),
    "the last month of all": (("close", "9999-12", *MAIN), "is not a month"),
    "a month that runs": (("close", "2026-10", *MAIN), "2026-10 is not over yet"),
    "a clock backwards": (("clock", "2026-10-21T05:59", *MAIN), "never runs backwards"),
    "a clock beyond reason": (("clock", "9999-12-31T23:59", *MAIN), "is not between"),
    "no moment": (("clock", "2026-10-21 25:00", *MAIN), "write it as 2026-12-01T06:00"),
    "a live clock": (("clock", "2030-01-01", *LIVE), "only a test merchant has a movable clock"),
    "no option": (("bill", "--nonsense"), "No such option"),
    "no command": (("nonsense",), "No such command"),
    "no processes": (("bill", "--workers", "-1", *MAIN), "--workers"),
}


@pytest.mark.parametrize("what", NONSENSE)
def test_nonsense_is_refused(shop: CommandLine, what: str) -> None:
    command, words = NONSENSE[what]
    assert words in shop.refused(*command)


def test_a_payment_of_another_merchant_is_out_of_reach(shop: CommandLine) -> None:
    (foreign,) = (one for one in shop("match", "--json", *LIVE).json if one["payer"] == "MALLI OY")
    for name in (foreign["transaction"], foreign["transaction"].removeprefix("btx_")[-20:]):
        assert "waits" in shop.refused("match", "--settle", name, "2026-000002", *MAIN)


def test_a_home_that_is_a_file_is_refused(shop: CommandLine) -> None:
    place = shop.folder / shop.file("some-file", "not a home")
    for command in (("bill",), ("up",), ("down",), ("import", "merchant", "merchant.toml")):
        answer = shop(*command, KESTO_HOME=str(place))
        assert (answer.status, answer.out) == (console.REFUSED, "")
        assert f"{place} is not a folder" in answer.messages
    assert place.read_text() == "not a home"


CHANGES: list[LiteralString] = [
    "update plan_version set names = '{}'",
    "update price set spec = '{}'",
    "delete from price",
    "truncate plan_version cascade",
]


@pytest.mark.parametrize("role", ["app", "run", "owner"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_published_version_does_not_change_by_sql(
    shop: CommandLine, role: str, change: LiteralString
) -> None:
    before = shop.contents()
    with connected(shop.home, role) as connection:
        for (merchant_id,) in merchants(shop.home):
            connection.execute("select set_config('app.merchant', %s, false)", [str(merchant_id)])
            with pytest.raises(psycopg.Error) as refused:
                connection.execute(change)
            assert refused.value.sqlstate in {"42501", "23000"}
    assert shop.contents() == before


def connected(place: Home, role: str) -> psycopg.Connection:
    return database.connect(database.address(place).login(place, role))


def merchants(place: Home) -> list[tuple[object, ...]]:
    with connected(place, "run") as connection:
        return connection.execute("select id from merchant").fetchall()
