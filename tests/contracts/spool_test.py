"""What waits for ClickHouse is read as it was kept, field by field."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec

from kesto.store.session import writing
from kesto.store.usage import spool
from kesto.store.usage.port import Arrival, Arrivals
from tests.town import Town

AT = datetime(2026, 10, 20, 12, 0, 0, 250_000, tzinfo=UTC)
PLAIN = Arrival(
    subscription_id=UUID(int=1).bytes,
    meter_id=UUID(int=2).bytes,
    at=AT,
    key=UUID(int=3).bytes,
    content=UUID(int=4).bytes,
    happened_at=None,
    source="api",
    event_id="e-1",
    number="2.5",
    name=None,
    is_removal=False,
    labels=None,
    problem="",
    sent="2.50",
    properties=None,
)
OTHER = Arrival(
    subscription_id=UUID(int=5).bytes,
    meter_id=UUID(int=2).bytes,
    at=AT,
    key=UUID(int=6).bytes,
    content=UUID(int=7).bytes,
    happened_at=AT.replace(day=1),
    source="bänk",
    event_id="ä\"'",
    number="0",
    name="who",
    is_removal=True,
    labels=("EU", None),
    problem="filtered",
    sent="",
    properties='{"a":[1,{"b":null}],"ä":"\\n"}'.encode(),
)


def test_what_waits_is_what_was_kept(town: Town) -> None:
    with writing(town.merchant_id, "run") as session:
        spool.keep(session, Arrivals.of([PLAIN, OTHER]), 7, AT)
        numbers, (batch,) = spool.batches(session)
        _, (of_one,) = spool.batches(session, [UUID(int=5)])
        # Shipments are of all merchants together: what waits here would go along with others'.
        session.execute("delete from usage_spool where merchant_id = %s", town.merchant_id)
    assert (numbers, batch.ingest_no, batch.received_at) == ([7], 7, AT)
    assert [one.event_id for one in of_one.arrivals] == [OTHER.event_id]
    for kept, sent in zip(batch.arrivals, (PLAIN, OTHER), strict=True):
        for name in Arrival.__struct_fields__:
            found, wanted = getattr(kept, name), getattr(sent, name)
            if name == "properties":
                wanted = None if wanted is None else msgspec.json.decode(wanted)
            elif type(wanted) is bytes:
                wanted = UUID(bytes=wanted)
            assert found == wanted, name
