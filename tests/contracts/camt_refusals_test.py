"""Files that are no account reports, or broken, or made to hurt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.adapters.banking.camt import MOST_BYTES
from kesto.core.refusals import Invalid
from tests.contracts.camt_by_hand import READER, detail, entry, file, ref


def refusal(data: bytes) -> Invalid:
    with pytest.raises(Invalid) as refused:
        READER.read(data)
    return refused.value


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("NaN", "EUR"),
        ("Infinity", "EUR"),
        ("1e3", "EUR"),
        ("", "EUR"),
        ("1,50", "EUR"),
        ("-1.50", "EUR"),
        ("8.855", "EUR"),
        ("1.5", "JPY"),
        ("9" * 16, "EUR"),
        ("9" * 400, "EUR"),
        ("1.00", "XXX"),
        ("1.00", ""),
        ("\u0661.\u0660\u0660", "EUR"),  # digits, but not the bank's
    ],
)
def test_an_amount_that_is_none_refuses_the_file_with_its_line(amount: str, currency: str) -> None:
    refused = refusal(file(entry("1.00"), entry(amount, currency=currency)))
    assert refused.code == "bank_file_wrong"
    assert refused.detail.startswith("Line 5: Amt is no amount")
    assert refused.field == "Document/BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry/Amt"


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (file(entry(sign="")), "says neither credit nor debit"),
        (file(entry(sign="PLUS")), "must be CRDT or DBIT"),
        (file(entry(status="")), "has no status"),
        (file(entry(booked="<Dt>2026-13-01</Dt>")), "must be a date"),
        (file(entry(more="<RvslInd>perhaps</RvslInd>")), "must be true or false"),
        (file("<Ntry><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts></Ntry>"), "has no amount"),
        (
            file(entry("1.00", f"<Btch><NbOfTxs>{'9' * 5000}</NbOfTxs></Btch>")),
            "is no number",
        ),
    ],
)
def test_what_is_missing_or_wrong_is_named(data: bytes, fault: str) -> None:
    refused = refusal(data)
    assert refused.code == "bank_file_wrong"
    assert fault in refused.detail
    assert refused.detail.startswith("Line 4")


def test_a_fault_late_in_the_file_refuses_all_of_it() -> None:
    refusal(file(entry("1.00"), entry("2.00"), entry("three")))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b" \n\t", "file_empty"),
        (b"\x00\x01\x02", "file_unreadable"),
        (b"PK\x03\x04 a zip", "file_unreadable"),
        (b"account;amount\nFI21;5,00\n", "file_unreadable"),
        (file(entry())[:-30], "file_unreadable"),
        (b"<Document/>", "bank_file_unknown"),
        (b"<html><body>Service unavailable</body></html>", "bank_file_unknown"),
        (b"<Document>" * 5000, "file_unreadable"),
        (b"<D>" * 5000 + b"</D>" * 5000, "file_unreadable"),
        (b"<Document>&unknown;</Document>", "file_unreadable"),
        (b'<?xml version="1.0" encoding="klingon"?><Document/>', "file_unreadable"),
    ],
)
def test_what_is_no_report_is_refused_with_a_clear_code(data: bytes, code: str) -> None:
    refused = refusal(data)
    assert refused.code == code
    assert refused.field == "file"


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE d [<!ENTITY a "10.00">]>',
        '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_in_any_encoding(head: str, encoding: str) -> None:
    body = file(entry("10.00", detail(text="hei"))).decode().partition("\n")[2]
    refused = refusal(
        f'<?xml version="1.0" encoding="{encoding}"?>\n{head}\n{body}'.encode(encoding)
    )
    assert refused.code == "file_has_doctype"


def test_a_file_of_100_megabytes_is_refused_unread() -> None:
    refused = refusal(b"<" * 100_000_000)
    assert refused.code == "file_too_large"
    assert "100,000,000" in refused.detail
    assert refusal(b"<" * MOST_BYTES).code == "file_unreadable"


def test_two_messages_in_one_file_are_refused() -> None:
    message = file(entry()).decode().partition("\n")[2]
    assert refusal(f"<All>{message}{message}</All>".encode()).code == "bank_file_unknown"


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_and_never_break_the_reader(noise: bytes) -> None:
    assert isinstance(refusal(noise), Invalid)


@given(st.data())
def test_a_damaged_file_is_read_or_refused(data: st.DataObject) -> None:
    whole = file(entry("10.00", detail("10.00", "12344"), ids=ref("A1")))
    at = data.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:at] + data.draw(st.binary(max_size=3)) + whole[at + 1 :]
    try:
        found: str = READER.read(damaged).kind
    except Invalid as refused:
        found = refused.code
    assert found.startswith(("camt.", "file_", "bank_file_"))


def test_a_report_without_an_account_is_refused() -> None:
    assert "names no account" in refusal(file(entry(), account="")).detail
