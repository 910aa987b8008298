"""The proof finds nothing where nothing is wrong, and names each wrong that is planted."""

import re

import psycopg
import pytest
from django.db import connections

from kesto.flows.mailroom import TOPICS
from kesto.ops.home import Home
from kesto.store.references import OTHER_IDS, REFERENCES, SUBJECTS
from kesto.store.session import reading
from kesto.verify import INVARIANTS, Finding, verify, verify_all
from kesto.verify.installation import GUARDS as TRIGGERS
from tests.contracts.conftest import lived_in
from tests.contracts.planted import PROMISED, Wrong
from tests.tidy.sources import ROOT
from tests.town import Town


@pytest.fixture
def old_town(town: Town) -> Town:
    return lived_in(town)


def ids(findings: list[Finding]) -> set[str]:
    return {found.invariant for found in findings}


def told(findings: list[Finding]) -> str:
    return "\n".join(f"{found.invariant} {found.evidence}" for found in findings)


def test_nothing_is_found_in_a_town_that_lives_well(old_town: Town) -> None:
    groups: list[int] = []
    findings = verify(old_town.merchant_id, groups.append)
    assert findings == [], told(findings)
    assert groups == [7]


def test_nothing_is_found_where_prices_are_without_vat(booted: Home) -> None:
    assert booted
    town = Town.founded(includes_tax=False)
    aino = town.customer("Aino")
    aino.subscribes("seats", on="2026-10-01", add_ons=["magazine"], quantity="16.5")
    (invoice,) = town.bill(on="2026-11-01")
    town.credits(invoice)
    assert verify(town.merchant_id) == []


def plant(vandal: psycopg.Connection, wrong: Wrong, town: Town, other: Town) -> None:
    values = {"town": town.merchant_id, "other": other.merchant_id}
    for statement in wrong.sql.split(";"):
        changed = vandal.execute(statement.encode(), values).rowcount
        assert changed, f"nothing was planted: {statement}"


def test_each_invariant_stands_in_the_documents() -> None:
    page = (ROOT / "docs/invariants.md").read_text("utf-8")
    rows = {row[0]: row[1] for row in re.findall(r"^\| ([A-Z]\d+) \| (.+) \|$", page, re.MULTILINE)}
    assert rows == {invariant.id: invariant.sentence for invariant in INVARIANTS}


def test_ids_are_given_once() -> None:
    assert len({invariant.id for invariant in INVARIANTS}) == len(INVARIANTS)


def test_evidence_names_the_invoice_and_what_is_wrong(
    old_town: Town, vandal: psycopg.Connection
) -> None:
    plant(vandal, PROMISED[0], old_town, old_town)
    (found,) = [one for one in verify(old_town.merchant_id) if one.invariant == "I10"]
    assert found.evidence["invoice"] == "2026-000001"
    assert found.evidence["customer"] == "aino"
    assert found.evidence["differences"] == ["line 1 quantity: 2, recomputed 1"]


def test_a_row_given_away_is_named_on_both_sides(
    old_town: Town, vandal: psycopg.Connection
) -> None:
    other = Town.founded()
    plant(vandal, PROMISED[-1], old_town, other)
    found = [one.evidence for one in verify(other.merchant_id) if one.invariant == "N1"]
    assert {one["table"] for one in found} == {"invoice_line"}
    assert {one["column"] for one in found} == {"invoice_id", "item_id", "price_id", "product_id"}
    assert all(one["belongs_to"] == [str(old_town.merchant_id)] for one in found)
    assert found == [one.evidence for one in verify_all() if one.invariant == "N1"]


def test_all_merchants_are_proved(old_town: Town, vandal: psycopg.Connection) -> None:
    plant(vandal, PROMISED[0], old_town, old_town)
    assert {"I4", "I10"} == {one.invariant for one in verify_all() if one.merchant == old_town.code}


def test_a_late_subscription_is_corrected_and_proved(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("basic", on="2026-09-15")
    town.bill(on="2026-11-20")
    aino.subscribes("seats", on="2026-10-10", quantity="20")
    aino.subscribes("plus", on="2026-10-01")
    (later,) = town.bill(on="2026-12-20")
    assert len(later.lines) == 7
    assert verify(town.merchant_id) == []


def test_a_run_for_an_earlier_day_leaves_what_is_proved(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("basic", on="2026-10-01")
    town.bill(on="2026-12-01")
    aino.subscribes("plus", on="2026-10-20")
    town.bill(on="2026-12-02", through="2026-11-15")
    assert verify(town.merchant_id) == []
    town.bill(on="2027-01-05")
    assert verify(town.merchant_id) == []


def test_a_group_with_news_from_the_past_waits_for_its_run(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("basic", on="2026-10-01")
    town.bill(on="2026-12-01")
    aino.subscribes("plus", on="2026-10-20")
    assert verify(town.merchant_id) == []


def test_months_that_came_to_nothing_are_no_hole(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("free", on="2026-10-01")
    assert town.bill(on="2026-11-01") == []
    assert town.bill(on="2026-12-01") == []
    aino.subscribes("basic", on="2026-12-01")
    (invoice,) = town.bill(on="2027-01-01")
    assert len(invoice.lines) == 2
    assert verify(town.merchant_id) == []


def test_the_proof_only_reads_and_sees_one_moment(old_town: Town) -> None:
    with reading(old_town.merchant_id, "audit") as session:
        assert session.row("show transaction_isolation") == ("repeatable read",)
        assert session.row("show transaction_read_only") == ("on",)
        assert session.row("select current_user::text") == ("kesto_audit",)


def test_every_guard_is_looked_at(booted: Home) -> None:
    assert booted
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "select tgrelid::regclass::text, tgname from pg_trigger where not tgisinternal"
        )
        assert set(cursor.fetchall()) == set(TRIGGERS), "name them in kesto/verify/installation.py"


def test_every_reference_is_looked_at(booted: Home) -> None:
    assert booted
    with connections["owner"].cursor() as cursor:  # who sees every column
        cursor.execute(
            "select table_name, column_name from information_schema.columns c"
            " where table_schema = 'public' and column_name <> 'merchant_id'"
            " and (column_name ~ '_id$|_sha256$' or data_type = 'uuid' and column_name <> 'id')"
            " and exists (select from information_schema.columns m"
            "  where m.table_schema = 'public' and m.table_name = c.table_name"
            "  and m.column_name = 'merchant_id' and c.table_name <> 'entry')"
        )
        columns = set(cursor.fetchall())
    known = {(table, column) for table, column, _ in REFERENCES} | OTHER_IDS
    assert columns - known == set(), "say in kesto/store/references.py what they refer to"
    assert known - columns == set()


def test_what_each_message_is_about_is_looked_at() -> None:
    for table in ("message", "outbox"):
        known = {kind for name, _, kind, _ in SUBJECTS if name == table}
        assert known == set(TOPICS), "say in kesto/store/references.py what its subject is"
