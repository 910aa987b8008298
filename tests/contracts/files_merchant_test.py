"""A merchant in TOML: what is read, and what is said about everything wrong."""

import re
from datetime import UTC, datetime

import pytest

from kesto.adapters.files.errors import InvalidFile
from kesto.adapters.files.merchant import NewMerchant, read_merchant
from kesto.core.invoice import Seller
from kesto.flows import open_merchant
from kesto.ops.home import Home
from kesto.store import audit, merchants
from kesto.store.session import reading
from tests.tidy.sources import ROOT

EXAMPLE = re.findall(
    r"```toml\n(.*?)```", (ROOT / "docs/import.md").read_text(encoding="utf-8"), re.DOTALL
)[0]


def refusal(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(InvalidFile) as refused:
        read_merchant(text.encode(), "merchant.toml")
    return [(error.line, error.field, error.detail) for error in refused.value.errors]


def without(key: str) -> str:
    return re.sub(rf"^{key} = .*\n", "", EXAMPLE, flags=re.MULTILINE)


def test_the_documented_merchant_is_read() -> None:
    assert read_merchant(EXAMPLE.encode(), "merchant.toml") == NewMerchant(
        code="laajakaista",
        name="Esimerkki Laajakaista",
        mode="test",
        seller=Seller(
            name="Esimerkki Laajakaista Oy",
            business_id="2915046-7",
            vat_id="FI29150467",
            street="Esimerkkikatu 1",
            postal_code="00100",
            city="Helsinki",
            country="FI",
            email="laskutus@example.com",
            iban="FI2112345600000785",
            bic="NDEAFIHH",
        ),
        clock_at=datetime(2026, 10, 15, 6, tzinfo=UTC),
    )


def test_what_may_be_left_out_has_a_default() -> None:
    for key in ("clock", "vat_id", "bic"):
        assert read_merchant(without(key).encode(), "m").code == "laajakaista"
    assert read_merchant(without("clock").encode(), "m").clock_at is None
    assert read_merchant(without("company").encode(), "m").seller.name == "Esimerkki Laajakaista"


REQUIRED = (
    *("code", "name", "mode", "business_id", "street", "postal_code", "city", "country"),
    *("email", "iban"),
)


@pytest.mark.parametrize("key", REQUIRED)
def test_what_is_required_is_missed(key: str) -> None:
    assert (1, key, "is missing") in refusal(without(key))


@pytest.mark.parametrize(
    ("moment", "hour"),
    [("2026-10-15T06:00+03:00", 3), ("2026-10-15T06:00:30Z", 6), ("2026-10-15", 0)],
)
def test_a_clock_says_where_its_time_is_from(moment: str, hour: int) -> None:
    clock_at = read_merchant(EXAMPLE.replace("2026-10-15T06:00", moment).encode(), "m").clock_at
    assert clock_at is not None
    assert (clock_at.hour, clock_at.tzinfo) == (hour, UTC)


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ("laajakaista", "laaja kaista", "code", "is no code"),
        ('"test"', '"production"', "mode", "write one of: live, test"),
        ('"FI"', '"XX"', "country", "known: DE, DK, FI, NO, SE"),
        ("07 85", "07 86", "iban", "is no account number (IBAN)"),
        ("FI21 1234 5600 0007 85", "", "iban", "isn't empty"),
        ("FI29150467", "FI29150468", "vat_id", "is no VAT number"),
        ("2915046-7", "2915046-1", "business_id", "is no Finnish business ID"),
        ("laskutus@example.com", "laskutus", "email", "is no e-mail address"),
        ("2026-10-15T06:00", "2026-02-30", "clock", "is not in the calendar"),
        ("2026-10-15T06:00", "1899-12-31", "clock", "is not between"),
        ("2026-10-15T06:00", "20261015T0600", "clock", "is no moment"),
        ("company", "compny", "compny", "did you mean company?"),
        ("Helsinki", "Hel\\u0000sinki", "city", "control character"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(old: str, new: str, field: str, words: str) -> None:
    line = EXAMPLE.partition(old)[0].count("\n") + 1
    assert [
        (at, where)
        for at, where, detail in refusal(EXAMPLE.replace(old, new, 1))
        if words in detail
    ] == [(line, field)]


def test_a_live_merchant_has_no_clock_of_its_own() -> None:
    text = EXAMPLE.replace('"test"', '"live"')
    assert refusal(text) == [
        (4, "clock", "is for test merchants; a live one goes by the real time")
    ]
    assert read_merchant(text.replace("clock", "# clock").encode(), "m").mode == "live"


def test_a_merchant_is_opened_whole_or_not_at_all(
    booted: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert booted
    seller = read_merchant(EXAMPLE.encode(), "m").seller
    with monkeypatch.context() as patch:
        patch.setattr(audit, "record", fail)
        with pytest.raises(RuntimeError):
            open_merchant.open_merchant("whole", "Whole", "test", seller, datetime.now(UTC))
    assert merchants.merchant_called("whole") is None
    own = open_merchant.open_merchant("whole", "Whole", "test", seller, datetime.now(UTC))
    with reading(own) as session:
        assert [entity.iban for entity in merchants.billing_entities(session)] == [seller.iban]


def fail(*_: object) -> None:
    raise RuntimeError
