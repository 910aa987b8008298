"""What the reader makes of account reports, case by case."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.camt_by_hand import READER, detail, entry, file, one, read, ref


def test_the_head_of_a_file_is_kept() -> None:
    found = READER.read(file(entry()))
    assert (found.kind, found.message_id) == ("camt.054", "M1")
    assert found.created_at == datetime(2026, 11, 14, 2, 0, tzinfo=UTC)
    assert re.fullmatch("[0-9a-f]{64}", found.sha256)


@pytest.mark.parametrize("status", ["PDNG", "INFO", "<Cd>PDNG</Cd>", "<Cd>FUTR</Cd>"])
def test_what_is_not_booked_is_not_read(status: str) -> None:
    assert read(entry(status=status)).entries == ()


def test_the_status_may_stand_in_a_code() -> None:
    assert one(entry(status="<Cd>BOOK</Cd>")).amount_minor == 1000


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("8.85", "EUR", 885),
        ("8.850", "EUR", 885),
        ("8.85000", "EUR", 885),
        ("200000", "SEK", 20_000_000),
        ("10000000", "JPY", 10_000_000),
        ("10000000.00", "JPY", 10_000_000),
        ("0.125", "KWD", 125),
        ("0", "EUR", 0),
    ],
)
def test_amounts_are_numbers_not_texts(amount: str, currency: str, minor: int) -> None:
    assert one(entry(amount, currency=currency)).amount_minor == minor


def test_dates_are_the_banks_local_days() -> None:
    assert one(entry(booked="<DtTm>2026-11-13T00:30:00+02:00</DtTm>")).booked_on == date(
        2026, 11, 13
    )
    dated = one(entry(booked="", more="<ValDt><Dt>2026-11-15</Dt></ValDt>"))
    assert (dated.booked_on, dated.value_on) == (date(2026, 11, 15), date(2026, 11, 15))
    assert one(entry(booked="")).booked_on == date(2026, 11, 14)  # the day of the report


def test_a_batch_whose_details_add_up_is_taken_apart() -> None:
    batch = entry("10.00", detail("3.50", "12344"), detail("6.50", "6666668"), ids=ref("B1"))
    found = read(batch).entries
    assert [(part.amount_minor, part.references) for part in found] == [
        (350, ("12344",)),
        (650, ("6666668",)),
    ]
    assert [part.payments for part in found] == [1, 1]
    assert len({part.entry_key for part in found}) == 2


def test_a_batch_that_does_not_add_up_stays_one_sum() -> None:
    found = one(entry("10.00", detail("3.50", "12344"), detail("6.00", "6666668")))
    assert (found.amount_minor, found.payments) == (1000, 2)
    assert found.references == ("12344", "6666668")


def test_a_batch_in_another_currency_stays_one_sum() -> None:
    found = one(entry("10.00", detail("3.50"), detail("6.50"), currency="SEK"))
    assert (found.amount_minor, found.currency, found.payments) == (1000, "SEK", 2)


def test_a_batch_without_details_says_how_many_it_holds() -> None:
    assert one(entry("10.00", "<Btch><NbOfTxs>3</NbOfTxs></Btch>")).payments == 3


def test_a_batch_may_net_money_in_against_money_out() -> None:
    back = detail("2.00", more="<CdtDbtInd>DBIT</CdtDbtInd>")
    found = read(entry("10.00", detail("12.00"), back)).entries
    assert [(part.amount_minor, part.direction) for part in found] == [(1200, "in"), (200, "out")]


def test_money_out_reversals_and_returns_are_marked() -> None:
    assert one(entry(sign="DBIT")).direction == "out"
    assert one(entry(more="<RvslInd>true</RvslInd>")).is_reversal
    returned = one(entry("10.00", detail(more="<RtrInf><Rsn><Cd>MD06</Cd></Rsn></RtrInf>")))
    assert (returned.is_reversal, returned.return_reason) == (True, "MD06")


def test_the_other_party_is_the_payer_in_and_the_payee_out() -> None:
    parties = (
        "<RltdPties><Dbtr><Nm>Aino</Nm></Dbtr>"
        "<DbtrAcct><Id><IBAN>FI58 1017 1000 0001 22</IBAN></Id></DbtrAcct>"
        "<Cdtr><Pty><Nm>Kesto</Nm></Pty></Cdtr></RltdPties>"
    )
    paid = one(entry("10.00", detail(more=parties)))
    assert (paid.payer_name, paid.payer_iban) == ("Aino", "FI5810171000000122")
    assert one(entry("10.00", detail(more=parties), sign="DBIT")).payer_name == "Kesto"


def test_an_empty_end_to_end_id_is_no_id() -> None:
    ids = "<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs></TxDtls>"
    assert one(entry("10.00", ids)).end_to_end_id == ""


def test_a_message_in_an_envelope_is_read() -> None:
    message = file(entry()).decode().partition("\n")[2]
    assert len(READER.read(f"<Envelope><Head/>{message}</Envelope>".encode()).entries) == 1


@given(
    st.decimals(min_value=0, max_value=10**12, places=2, allow_nan=False),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=140),
)
def test_any_amount_and_text_comes_through_whole(amount: Decimal, text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    found = one(entry(f"{amount:f}", detail(text=escaped)))
    assert found.amount_minor == int(amount * 100)
    assert found.texts == ((text.strip(),) if text.strip() else ())
