"""A town where somebody uses what is metered, for the tests of what people see of it."""

import csv
import io
from collections.abc import Mapping
from itertools import count
from typing import Any
from uuid import UUID

from kesto.flows.accept_usage import accept_usage
from kesto.store.invoices import Stored
from tests.town import Citizen, Town

NUMBERS = count(1)


def sends(town: Town, *events: Mapping[str, object]) -> None:
    """Send events of Aino's calls, as the clock says; what isn't given is the usual."""
    usual = {"customer": "aino", "meter": "talk"}
    sent = [{"id": f"event-{next(NUMBERS)}", **usual, **event} for event in events]
    said = accept_usage(town.merchant_id, sent, town.now, town.now)
    assert {one.status for one in said} == {"accepted"}, said


def calls(time: str, minutes: object, **more: object) -> dict[str, object]:
    """Minutes of calls at a time of Helsinki's summer."""
    return {"time": f"{time}+03:00", "value": minutes, **more}


def metered(town: Town, aino: Citizen, **order: Any) -> UUID:
    """A month of calls, billed on the first of November: 124.5 minutes, 100 of them included."""
    own = aino.subscribes("metered", on="2026-10-01", **order)
    town.bill(on="2026-10-01")
    town.clock("2026-10-31")
    sends(town, calls("2026-10-05T09:30:00", 100), calls("2026-10-24T23:15:00", "24.5"))
    return own


def line_of(stored: Stored, revision: int = 1) -> int:
    """The number of the line of usage that costs something."""
    return next(
        number
        for number, line in stored.numbered.items()
        if line.rated.kind == "usage"
        and line.rated.amount_minor
        and line.rated.revision == revision
    )


def table_of(answer: Any) -> list[dict[str, str]]:
    """The rows of a file that was downloaded."""
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.streaming
    text = b"".join(answer.streaming_content).decode("utf-8")
    return [*csv.DictReader(io.StringIO(text))]
