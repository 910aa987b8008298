"""What is kept of an event: the very value that its meter counts."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from kesto.core.catalog import SoldMeter
from kesto.core.clock import Clock
from kesto.core.metering import Meter
from kesto.core.metering.event import Event
from kesto.core.metering.sent import Sent
from kesto.flows.usage_arrival import arrival_of
from kesto.store.usage.owners import Owner

NOBODY = UUID(int=0)
AT = datetime(2026, 10, 20, tzinfo=UTC)


@pytest.mark.parametrize("aggregation", ["sum", "max", "latest", "weighted_sum"])
def test_what_an_expression_comes_to_is_kept_and_not_the_events_own_value(
    aggregation: str,
) -> None:
    meter = SoldMeter(NOBODY, "cost", {}, Meter(aggregation, expression="value * 1.5"))
    owner = Owner(NOBODY, "c1", "u1", NOBODY, date(2026, 1, 1), None, Clock("UTC"))
    sent = Sent("cost", Event(AT, "7", {}, "e1"), NOBODY.bytes, NOBODY.bytes)
    arrival, _ = arrival_of(sent, meter, owner, is_priced=True)
    assert arrival.number == "10.5"
