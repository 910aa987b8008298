"""A dry run says to the cent what the run that follows makes, and leaves nothing behind."""

import csv
import io

import psycopg
import pytest

from kesto.core.changes import Cancel, ChangePlan
from kesto.core.ids import shown
from kesto.core.refusals import NotFound
from kesto.flows.rehearse import prepare, rehearse
from kesto.store.session import reading
from kesto.words import foreseen
from kesto.words.foreseen import Foreseen, Sums
from tests.stories.before_tax_test import given
from tests.stories.parked_test import set_limit
from tests.stories.seen import parked
from tests.stories.usage_test import sends, talk
from tests.town import Town, day


def rehearsed(town: Town, on: str, customer: str = "") -> list[Foreseen]:
    """What a run on a day would make, as web processes and as the command line read it."""
    found = []
    for role in ("app", "audit"):
        plan = prepare(town.merchant_id, day(on), town.now, customer=customer, role=role)
        found.append([one for part in plan.parts for one in rehearse(plan, part)])
    assert found[0] == found[1]
    return found[0]


def counted(town: Town) -> dict[str, int]:
    tables = ("invoice", "billing_run", "audit", "number_series", "claim", "usage_late")
    with reading(town.merchant_id) as session:
        return {
            table: session.rows(f"select count(*) from {table}")[0][0]  # noqa: S608 - our own names
            for table in tables
        }


def lived_in(town: Town) -> None:
    """October billed; then usage, a late event, a plan change, an ending, credit, many more."""
    aino, eino, helmi, onni = map(town.customer, ("Aino", "Eino", "Helmi", "Onni"))
    aino.subscribes("metered", on="2026-10-01")
    change = eino.subscribes("plus", on="2026-10-01")
    end = helmi.subscribes("max", on="2026-10-01")
    onni.subscribes("basic", on="2026-10-01", add_ons=["safety"])
    onni.subscribes("plus", on="2026-10-05")
    town.clock("2026-10-20")
    sends(town, talk("2026-10-10T10:00:00", 500))
    town.bill(on="2026-11-01")
    town.clock("2026-11-10")
    sends(town, talk("2026-10-12T10:00:00", 70), talk("2026-11-05T10:00:00", 900))
    eino.changes(change, ChangePlan("max", on=day("2026-11-15")))
    helmi.changes(end, Cancel(last_day=day("2026-11-14"), waives_notice=True))
    given(onni, 1500)
    town.customer("Toivo").subscribes("max", on="2026-11-03")


@pytest.mark.parametrize("on", ["2026-11-16", "2026-12-01"])
def test_it_equals_the_run_that_follows(town: Town, on: str) -> None:
    lived_in(town)
    town.clock(on)
    before = counted(town)
    found = rehearsed(town, on)
    assert counted(town) == before
    made = town.bill(on=on)
    assert made
    wanted = {
        one.invoice.billing_group_id: one.invoice.total_minor
        for one in made
        if one.invoice.kind == "invoice"
    }
    assert {one.group_id: one.now_minor for one in found if one.is_invoice} == wanted
    notes = sum(one.invoice.total_minor for one in made if one.invoice.kind == "credit_note")
    assert sum(one.credited_minor for one in found) == notes
    assert rehearsed(town, on) == []


def test_reasons_add_up_to_the_difference(town: Town) -> None:
    lived_in(town)
    town.clock("2026-12-01")
    found = [one for one in rehearsed(town, "2026-12-01") if one.is_invoice]
    again = [one for one in found if one.before_minor is not None]
    assert len(again) == len(found) - 1  # one never had an invoice
    for one in again:
        told = sum(minor for _, minor in one.reasons)
        assert told == one.now_minor - (one.before_minor or 0), one.reasons


def test_what_would_be_set_aside_says_why(town: Town) -> None:
    town.customer("Aino").subscribes("plus", on="2026-10-01")
    town.customer("Eino").subscribes("basic", on="2026-10-01")
    town.clock("2026-11-01")
    set_limit(town, 2000)
    found = {one.customer: one for one in rehearsed(town, "2026-11-01")}
    assert found["eino"].now_minor == 1000
    assert not found["aino"].is_invoice
    town.bill(on="2026-11-01")
    assert parked(town) == {"aino": found["aino"].set_aside}


def test_one_customer_is_rehearsed_alone(town: Town) -> None:
    town.customer("Aino").subscribes("plus", on="2026-10-01")
    town.customer("Eino").subscribes("basic", on="2026-10-01")
    town.clock("2026-11-01")
    assert [one.customer for one in rehearsed(town, "2026-11-01", "eino")] == ["eino"]
    with pytest.raises(NotFound) as unknown:
        rehearsed(town, "2026-11-01", "nobody")
    assert unknown.value.field == "customer"


def test_it_waits_for_no_counter(town: Town, superuser: psycopg.Connection) -> None:
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    town.clock("2026-11-01")
    plan = prepare(town.merchant_id, day("2026-11-01"), town.now, role="audit")
    with superuser.transaction():
        superuser.execute("lock table number_series, billing_run, audit_head in exclusive mode")
        superuser.execute("lock table billing_group, wallet, credit_grant in exclusive mode")
        assert [one.now_minor for part in plan.parts for one in rehearse(plan, part)] == [1000]


def test_the_file_has_a_row_a_group_and_no_formula(town: Town) -> None:
    town.customer("Aino").subscribes("basic", on="2026-10-01")
    town.clock("2026-11-01")
    found = rehearsed(town, "2026-11-01")
    head, row = csv.reader(io.StringIO(foreseen.head() + foreseen.rows(found)))
    told = dict(zip(head, row, strict=True))
    assert told["group"] == shown("billing_group", found[0].group_id)
    assert (told["customer"], told["last_total"], told["new_total"]) == ("aino", "", "10.00")
    risky = Foreseen(found[0].group_id, "=1+1", "EUR", 0, set_aside="@x")
    assert foreseen.rows([risky]).count("'") == 2
    sums = Sums()
    sums.count([*found, risky])
    assert (sums.groups, sums.invoices, sums.total_minor, sums.set_aside) == (2, 1, 1000, 1)
