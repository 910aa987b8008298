"""Usage: what happened is counted once, in its period, at the price that ran on its day."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest

from kesto.core.calendar import midnight
from kesto.core.changes import ChangePlan, ChangeZone
from kesto.flows.accept_usage import Verdict, accept_usage
from kesto.flows.preview_next import preview_next
from kesto.store.invoices import Stored
from kesto.store.session import reading
from kesto.verify.proof import verify
from tests.town import Citizen, Town, day

NUMBERS = count(1)


@pytest.fixture
def aino(town: Town) -> Iterator[Citizen]:
    yield town.customer("Aino")
    assert verify(town.merchant_id) == []


def sends(town: Town, *events: dict[str, object]) -> list[Verdict]:
    """Send events; what isn't given is the usual."""
    usual = {"customer": "aino", "meter": "talk"}
    sent = [{"id": f"e{next(NUMBERS)}", **usual, **event} for event in events]
    return accept_usage(town.merchant_id, sent, town.now, town.now)


def talk(time: str, minutes: object, **more: object) -> dict[str, object]:
    return {"time": f"{time}+03:00", "value": minutes, **more}


def amounts(stored: Stored) -> dict[tuple[str, str], tuple[Decimal, int]]:
    """Quantity and amount of an invoice's lines, by kind and first day."""
    return {
        (line.rated.kind, f"{line.rated.period_start:%m-%d}/{line.rated.revision}"): (
            line.rated.quantity,
            line.rated.amount_minor,
        )
        for line in stored.lines
        if line.rated.amount_minor
    }


def counted(stored: Stored) -> list[tuple[Decimal, int]]:
    """Quantities and amounts of an invoice's lines, of those that cost anything."""
    lines = [line.rated for line in stored.lines if line.rated.amount_minor]
    return sorted((one.quantity, one.amount_minor) for one in lines)


def test_a_month_is_counted_by_its_own_days(town: Town, aino: Citizen) -> None:
    aino.subscribes("metered", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-31")
    said = sends(
        town,
        talk("2026-10-01T00:00:00", "100"),  # the first moment of the month in Helsinki
        talk("2026-10-24T12:00:00", "20.5"),
        {"time": "2026-10-31T21:59:59Z", "value": 4},  # still October there: it is winter time
        {"time": "2026-10-31T22:00:00Z", "value": 1000},  # November
    )
    assert [one.status for one in said] == ["accepted"] * 4
    (invoice,) = town.bill(on="2026-11-01")
    assert amounts(invoice) == {
        ("usage", "10-01/1"): (Decimal("124.5"), 245),  # 24.5 above the hundred
        ("recurring", "11-01/1"): (Decimal(1), 500),
    }


def test_the_same_event_counts_once_and_another_of_its_id_is_refused(
    town: Town, aino: Citizen
) -> None:
    aino.subscribes("metered", on="2026-10-01")
    town.clock("2026-10-20")
    event = talk("2026-10-15T12:00:00", "150", id="one")
    said = sends(town, event, event)
    assert [one.status for one in said] == ["accepted", "duplicate"]
    assert sends(town, {**event, "value": 150})[0].status == "duplicate"
    (other,) = sends(town, {**event, "value": "151"})
    assert (other.status, other.code, other.field) == ("rejected", "conflict", "id")
    assert sends(town, {**event, "source": "backup", "value": "1"})[0].status == "accepted"
    assert amounts(town.bill(on="2026-11-01")[-1])["usage", "10-01/1"] == (Decimal(151), 510)


def test_what_comes_late_is_a_line_of_the_next_invoice(town: Town, aino: Citizen) -> None:
    aino.subscribes("metered", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-31")
    sends(town, talk("2026-10-15T12:00:00", 150))
    (first,) = town.bill(on="2026-11-01")
    assert amounts(first)["usage", "10-01/1"] == (Decimal(150), 500)
    sends(town, talk("2026-10-31T12:00:00", 10))
    assert verify(town.merchant_id) == []
    (second,) = town.bill(on="2026-12-01")
    late = amounts(second)["usage", "10-01/2"]
    assert late == (Decimal(160), 100)  # as if it had come in time
    # Once and not again.
    (third,) = town.bill(on="2027-01-01")
    assert set(amounts(third)) == {("recurring", "01-01/1")}


def test_what_comes_after_the_end_is_still_billed(town: Town, aino: Citizen) -> None:
    aino.subscribes("metered", on="2026-10-01", ends="2026-11-01")
    town.bill(on="2026-10-01")
    town.bill(on="2026-11-01")
    town.clock("2026-11-05")
    assert town.bill(on="2026-11-05") == []
    sends(town, talk("2026-10-31T12:00:00", 200))
    (last,) = town.bill(on="2026-11-06")
    assert amounts(last) == {("usage", "10-01/1"): (Decimal(200), 1000)}


def test_after_a_change_of_zone_an_event_is_late_by_the_new_clock(
    town: Town, aino: Citizen
) -> None:
    own = aino.subscribes("metered", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-10")
    aino.changes(own, ChangeZone("America/New_York", day("2026-10-16")))
    town.clock("2026-10-31")
    sends(town, talk("2026-10-15T12:00:00", 100))
    town.bill(on="2026-11-01")
    town.clock("2026-11-02")
    # November in Helsinki for three hours; in New York it is October, which is billed.
    sends(town, {"time": "2026-11-01T01:00:00Z", "value": 10})
    late = town.bill(on="2026-12-01")[-1]
    assert amounts(late)["usage", "10-01/2"] == (Decimal(110), 100)


def test_a_meter_may_count_late_events_now_or_refuse_them(town: Town, aino: Citizen) -> None:
    aino.subscribes("metered", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-31")
    level = {"meter": "level", "time": "2026-10-10T12:00:00Z", "value": 3, "id": "level-1"}
    sends(town, level, {"meter": "visits", "time": "2026-10-10T12:00:00Z"})
    (first,) = town.bill(on="2026-11-01")
    assert counted(first) == [(Decimal(1), 200), (Decimal(1), 500), (Decimal(3), 300)]
    said = sends(
        town,
        level,  # was taken in time
        {**level, "id": "level-2", "value": 9},
        {"meter": "visits", "time": "2026-10-11T12:00:00Z"},
        {"meter": "level", "time": "2026-10-31T22:30:00Z", "value": 2},
    )
    assert [one.status for one in said] == ["duplicate", "rejected", "accepted", "accepted"]
    assert (said[1].code, said[1].field) == ("billed_already", "time")
    (second,) = town.bill(on="2026-12-01")
    assert counted(second) == [(Decimal(1), 200), (Decimal(1), 500), (Decimal(2), 200)]


def test_usage_before_a_change_is_billed_once_at_the_old_price(town: Town, aino: Citizen) -> None:
    own = aino.subscribes("metered", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-15")
    sends(
        town,
        talk("2026-10-14T23:59:59", 140),
        talk("2026-10-15T00:00:00", 3),
    )
    aino.changes(own, ChangePlan("dearer"))
    (at_once,) = town.bill(on="2026-10-15")
    assert amounts(at_once)["usage", "10-01/1"] == (Decimal(140), 400)
    town.clock("2026-10-31")
    sends(town, talk("2026-10-20T12:00:00", 7), talk("2026-10-02T12:00:00", 1))
    (after,) = town.bill(on="2026-11-01")
    assert amounts(after)["usage", "10-15/1"] == (Decimal(10), 200)
    assert amounts(after)["usage", "10-01/2"] == (Decimal(141), 10)  # late, at the old price


def test_an_event_says_whose_it_is(town: Town, aino: Citizen) -> None:
    first = aino.subscribes("metered", on="2026-10-01")
    town.clock("2026-10-10")
    now = "2026-10-09T12:00:00"
    bad = sends(
        town,
        talk(now, 1, customer="nobody"),
        talk(now, 1, customer=None, subscription="nothing"),
        talk(now, 1, subscription=first.hex),
        talk("2026-09-09T12:00:00", 1),
        talk(now, 1, meter="steps"),
        {"time": "2026-10-09T12:00:00", "value": 1},
        {"time": "2025-09-01T12:00:00Z", "value": 1},
        {"time": "2026-10-12T12:00:00Z", "value": 1},
        talk(now, 1, colour="red"),
        talk(now, 1, id=""),
    )
    assert [(one.status, one.code, one.field) for one in bad] == [
        ("rejected", "unknown_customer", "customer"),
        ("rejected", "unknown_subscription", "subscription"),
        ("rejected", "missing", "customer"),
        ("rejected", "no_subscription", "customer"),
        ("rejected", "unknown_meter", "meter"),
        ("rejected", "bad_time", "time"),
        ("rejected", "too_old", "time"),
        ("rejected", "in_future", "time"),
        ("rejected", "unknown_field", "colour"),
        ("rejected", "bad_text", "id"),
    ]
    aino.subscribes("metered", on="2026-10-05")
    (unclear,) = sends(town, talk(now, 1))
    assert (unclear.code, unclear.field) == ("ambiguous_subscription", "customer")
    assert sends(town, talk("2026-10-02T12:00:00", 1))[0].status == "accepted"
    assert sends(town, talk(now, 1, customer=None, subscription=first.hex))[0].status == "accepted"


def test_what_is_no_number_is_kept_and_left_out(town: Town, aino: Citizen) -> None:
    aino.subscribes("metered", on="2026-10-01")
    town.clock("2026-10-31")
    said = sends(
        town,
        talk("2026-10-09T12:00:00", "much"),
        talk("2026-10-09T12:00:00", None),
        talk("2026-10-09T12:00:00", "-5"),
        talk("2026-10-09T12:00:00", 120),
    )
    assert [one.status for one in said] == ["accepted"] * 4
    assert [bool(one.note) for one in said] == [True, True, False, False]
    invoice = town.bill(on="2026-11-01")[-1]
    assert amounts(invoice)["usage", "10-01/1"] == (Decimal(115), 150)


def test_the_next_invoice_is_previewed_with_the_usage_so_far(town: Town, aino: Citizen) -> None:
    aino.subscribes("metered", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-31")
    sends(town, talk("2026-10-15T12:00:00", 150))
    (invoice,) = town.bill(on="2026-11-01")
    sends(town, talk("2026-10-16T12:00:00", 3), talk("2026-11-01T02:00:00", 101))
    with reading(town.merchant_id) as session:
        (coming,) = preview_next(session, aino.customer.id, day("2026-11-01"), "en")
    (next_one,) = town.bill(on="2026-12-01")
    assert coming.view.total_minor == next_one.invoice.total_minor == 500 + 30 + 10
    assert invoice.invoice.total_minor == 500 + 500


def test_polar_6625_a_meter_begins_anew_after_a_change_that_is_billed_at_once(
    town: Town, aino: Citizen
) -> None:
    """Meters were not reset by the invoice of an upgrade: the same usage was charged again."""
    own = aino.subscribes("metered", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-15")
    sends(town, talk("2026-10-10T12:00:00", 130))
    aino.changes(own, ChangePlan("dearer"))
    (at_once,) = town.bill(on="2026-10-15")
    assert amounts(at_once)["usage", "10-01/1"] == (Decimal(130), 300)
    town.clock("2026-10-31")
    sends(town, talk("2026-10-20T12:00:00", 1))
    (after,) = town.bill(on="2026-11-01")
    assert amounts(after)["usage", "10-15/1"] == (Decimal(1), 20)
    everything = [line.rated for one in town.invoices() for line in one.lines]
    counted = sum(one.quantity for one in everything if one.kind == "usage")
    assert counted == 131


def test_polar_5345_a_new_price_does_not_bill_what_happened_before_it(
    town: Town, aino: Citizen
) -> None:
    """A meter that was added to a price list billed all old events with its first invoice."""
    own = aino.subscribes("basic", on="2026-09-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-14")
    (said,) = sends(town, talk("2026-10-13T12:00:00", 500))
    assert said.note == "no price of the subscription counts this meter at that time"
    aino.changes(own, ChangePlan("dearer", on=day("2026-10-15")))
    town.clock("2026-10-31")
    sends(town, talk("2026-10-15T00:00:00", 2), talk("2026-10-14T23:59:59", 70))
    (after,) = town.bill(on="2026-11-01")
    usage = [line.rated for line in after.lines if line.rated.kind == "usage"]
    assert [(one.period_start, one.quantity) for one in usage] == [(day("2026-10-15"), Decimal(2))]


def test_openmeter_4902_what_was_not_kept_is_not_taken_for_seen(
    town: Town, aino: Citizen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list of seen ids had an event, the store did not: sent again, it was dropped."""
    aino.subscribes("metered", on="2026-10-01")
    town.clock("2026-10-20")
    event = talk("2026-10-15T12:00:00", 150, id="one")

    def fails(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr("kesto.flows.accept_usage.crash_point", fails)
        with pytest.raises(ConnectionError):
            sends(town, event)
    assert sends(town, event)[0].status == "accepted"
    assert sends(town, event)[0].status == "duplicate"
    assert amounts(town.bill(on="2026-11-01")[-1])["usage", "10-01/1"] == (Decimal(150), 500)


def test_lago_4725_two_merchants_may_use_the_same_ids(town: Town, aino: Citizen) -> None:
    """An id that another tenant had sent was dropped as a duplicate."""
    other = Town.founded()
    other.customer("Aino").subscribes("metered", on="2026-10-01")
    aino.subscribes("metered", on="2026-10-01")
    for one in (town, other):
        one.clock("2026-10-20")
        assert sends(one, talk("2026-10-15T12:00:00", 1, id="one"))[0].status == "accepted"


@pytest.mark.parametrize(
    ("on", "zone", "hours"),
    [
        ("2027-03-28", "Europe/Helsinki", 23),
        ("2027-10-31", "Europe/Helsinki", 25),
        ("2028-02-29", "Europe/Helsinki", 24),
        ("2027-03-14", "America/New_York", 23),
        ("2027-04-04", "Australia/Lord_Howe", 24),  # half an hour more
    ],
)
def test_each_hour_of_a_strange_night_counts_once(
    town: Town, aino: Citizen, on: str, zone: str, hours: int
) -> None:
    """One event an hour around a day of its own; each falls into one period and no hour is lost."""
    begins = day(on).replace(day=1).isoformat()
    own = aino.subscribes("metered", on=begins, alignment="calendar", zone=zone)
    town.bill(on=begins)
    aino.changes(own, ChangePlan("dearer", on=day(on)))
    aino.changes(own, ChangePlan("metered", on=day(on) + timedelta(days=1)))
    town.clock((day(on) + timedelta(days=3)).isoformat())
    start = midnight(day(on), zone) - timedelta(hours=3)
    sends(
        town, *({"time": (start + timedelta(hours=n)).isoformat(), "value": 1} for n in range(48))
    )
    town.bill(on=(day(on) + timedelta(days=40)).replace(day=1).isoformat())
    lines = [line.rated for one in town.invoices() for line in one.lines]
    usage = {
        one.period_start: one.quantity for one in lines if one.kind == "usage" and one.quantity
    }
    assert usage[day(on)] == hours + (zone == "Australia/Lord_Howe")
    assert sum(usage.values()) == 48
