"""Keys of payments: one payment has one key, two payments have two."""

import pytest

from tests.contracts.camt_by_hand import ACCOUNT, READER, detail, entry, file, one, read, ref


@pytest.mark.parametrize(
    ("notified", "stated"),
    [
        # the statement says less, and numbers its lines
        (
            entry("10.00", detail("10.00", "12344"), ids=ref("A1", "1")),
            entry("10.00", ids=ref("A1", "77")),
        ),
        # only a long entry reference
        (
            entry(ids=ref("", "5566778899202712220000100001")),
            entry(ids=ref("", "5566778899202712220000100001")),
        ),
        # the time is left out
        (
            entry(booked="<DtTm>2026-11-13T13:15:00+02:00</DtTm>", ids=ref("A1")),
            entry(ids=ref("A1")),
        ),
        # no ids at all, but the same words
        (entry("10.00", detail(text="hei")), entry("10.00", detail(text="hei"))),
    ],
)
def test_a_payment_has_one_key_in_notification_and_statement(notified: str, stated: str) -> None:
    assert one(notified, "camt.054").entry_key == one(stated, "camt.053").entry_key


def test_a_batch_in_the_statement_and_single_payments_before_have_the_same_keys() -> None:
    singles = [
        entry("3.50", detail("3.50"), ids=ref("A1")),
        entry("6.50", detail("6.50"), ids=ref("A2")),
    ]
    batch = entry("10.00", detail("3.50", own="A1"), detail("6.50", own="A2"), ids=ref("B"))
    notified = [found.entry_key for found in read(*singles).entries]
    assert [found.entry_key for found in read(batch, kind="camt.053").entries] == notified


@pytest.mark.parametrize(
    ("one_payment", "another"),
    [
        (entry(ids=ref("A1")), entry(ids=ref("A2"))),
        (entry("10.00", ids=ref("A1")), entry("10.01", ids=ref("A1"))),
        (entry(ids=ref("A1")), entry(sign="DBIT", ids=ref("A1"))),
        (entry(ids=ref("A1")), entry(booked="<Dt>2027-11-13</Dt>", ids=ref("A1"))),
        (entry(), entry()),  # without ids: two equal payments, as many banks report them
        (entry(ids=ref("", "1")), entry(ids=ref("", "2"))),
        (
            entry("10.00", detail(text="hei"), ids=ref("A1")),
            entry("10.00", detail(text="moi"), ids=ref("A1")),
        ),
    ],
)
def test_two_payments_never_share_a_key(one_payment: str, another: str) -> None:
    found = read(one_payment, another)
    assert len({payment.entry_key for payment in found.entries}) == 2
    assert found.repeated == 0


def test_what_a_file_names_twice_word_for_word_is_read_once() -> None:
    found = read(entry(ids=ref("A1")), entry(ids=ref("A1")))
    assert (len(found.entries), found.repeated) == (1, 1)


def test_details_that_share_an_id_are_told_apart_by_their_place() -> None:
    batch = entry("10.00", detail("5.00", own="A1"), detail("5.00", own="A1"), ids=ref("B"))
    assert len({found.entry_key for found in read(batch).entries}) == 2


def test_keys_do_not_depend_on_the_run() -> None:
    data = file(entry(), entry(), entry(ids=ref("A1")))
    assert READER.read(data) == READER.read(data)


def test_several_accounts_in_a_file_are_kept_apart() -> None:
    other = ACCOUNT.replace("FI2112345600000785", "FI5810171000000122")
    data = file(entry(ids=ref("A1"))).decode()
    report = data[data.index("<Ntfctn>") : data.index("</Ntfctn>") + 9]
    both = data.replace(report, report + report.replace(ACCOUNT, other)).encode()
    found = READER.read(both).entries
    assert [payment.account for payment in found] == ["FI2112345600000785", "FI5810171000000122"]
    assert found[0].entry_key != found[1].entry_key
