"""What the browser tests of usage need: months of calls, some of which came late or not well."""

from datetime import datetime, timedelta

from kesto.flows.accept_usage import accept_usage
from kesto.store.invoices import Stored
from tests.browser import office_village, portal_village
from tests.town import Town


def usage_facts() -> dict[str, object]:
    """A town of its own with somebody who calls, a visit of hers and one of an owner."""
    town = Town.founded(on="2026-10-01")
    lumi = town.customer("Lumi", language="fi")
    own = lumi.subscribes("metered", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-31")
    calls(town, "2026-10-01T08:15:00+00:00", 30)
    town.bill(on="2026-11-01")
    calls(town, "2026-10-30T17:40:00+00:00", 1)
    town.clock("2026-11-30")
    calls(town, "2026-11-01T09:20:00+00:00", 29)
    last = town.bill(on="2026-12-01")[-1]
    town.clock("2026-12-20")
    calls(town, "2026-12-01T11:05:00+00:00", 18, each=3)
    odd(town)
    return {
        "visit": portal_village.visit(town, lumi.customer.id),
        "office": office_village.visit(town),
        "subscription": str(own),
        "number": last.number,
        "line": late_line(last),
    }


def calls(town: Town, first: str, days: int, each: int = 1) -> None:
    """Some calls on each of so many days."""
    start = datetime.fromisoformat(first)
    events = [
        {
            "id": f"{start.date()}-{day}-{n}",
            "customer": "lumi",
            "meter": "talk",
            "time": (start + timedelta(days=day, hours=n)).isoformat(),
            "value": str((day * 7 + n * 3) % 11 + 1),
        }
        for day in range(days)
        for n in range(each)
    ]
    accept_usage(town.merchant_id, events, town.now, town.now)


def odd(town: Town) -> None:
    """Events that do not count, and one of another meter."""
    usual = {"customer": "lumi", "meter": "talk", "time": "2026-12-01T05:00:00Z"}
    events = [
        {**usual, "id": "without-a-value"},
        {**usual, "id": "with-words", "value": "not known"},
        {**usual, "id": "a-visit", "meter": "visits"},
    ]
    accept_usage(town.merchant_id, events, town.now, town.now)


def late_line(stored: Stored) -> int:
    """The number of the line for what came late."""
    return next(number for number, line in stored.numbered.items() if line.rated.revision > 1)
