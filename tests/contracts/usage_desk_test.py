"""Events that are placed many together are kept and told of as those placed one by one."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import product
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kesto.core.catalog import LateEvents, SoldMeter
from kesto.core.clock import Clock
from kesto.core.item import ZoneFrom
from kesto.core.metering import Meter, sent_together
from kesto.core.metering.sent import Undated
from kesto.core.metering.sent_together import read_events, usual_events
from kesto.flows import usage_desk
from kesto.flows.accept_usage import Verdict, accept_in
from kesto.flows.open_rollups import open_rollups
from kesto.flows.usage_arrival import counting_of
from kesto.flows.usage_desk import Desk
from kesto.store.session import Session, writing
from kesto.store.usage import owners, placing, taking_in
from kesto.store.usage.owners import Known, MeteredItem, Owner
from kesto.store.usage.placing import Placing
from tests.town import Town

NOW = datetime(2026, 10, 20, 22, 30, tzinfo=UTC)
START, BILLED = date(2026, 10, 1), date(2026, 10, 18)
BARE = Meter("sum")
SOLD: Sequence[tuple[str, Meter, LateEvents]] = [
    ("data", BARE, "correct"),
    ("peak", Meter("max"), "refuse"),
    ("level", Meter("latest"), "current"),
    ("bytes", Meter("sum", property_name="size"), "correct"),
    ("zoned", Meter("sum", group_by=("zone",)), "correct"),
    ("eu", Meter("sum", accepted={"zone": frozenset({"EU"})}), "correct"),
    ("calls", Meter("count"), "correct"),
    ("people", Meter("unique"), "correct"),
    ("twice", Meter("sum", expression="value * 2"), "correct"),
]
METERS = {
    code: SoldMeter(UUID(int=place), code, {}, meter, late=late)
    for place, (code, meter, late) in enumerate(SOLD)
}


def owner(name: str, end_on: date | None = None, clock: Clock | None = None) -> Owner:
    items = tuple(MeteredItem(code, START, None) for code in METERS if code != "level")
    own = UUID(int=int.from_bytes(name.encode()))
    return Owner(own, name, name, own, START, end_on, clock or Clock("Europe/Helsinki"), items)


OWNERS = {
    "runs": (owner("runs"),),
    "far": (owner("far", clock=Clock("Pacific/Auckland")),),
    "ended": (owner("ended", date(2026, 10, 10)),),
    "moved": (owner("moved", clock=Clock("UTC", (ZoneFrom(date(2026, 10, 15), "Asia/Tokyo"),))),),
    "both": (owner("both"), owner("other")),
    "first": (owner("first"), owner("gone", date(2026, 10, 2))),
    "idle": (),
}
TIMES = ("2026-10-21T01:00:00+03:00", "2026-10-18T12:00:00Z")
USUAL = st.fixed_dictionaries(
    {
        "id": st.integers(0, 99).map(str),
        "meter": st.sampled_from(["data", *METERS]),
        "customer": st.sampled_from(["runs", *OWNERS]),
        "time": st.sampled_from(TIMES),
        "value": st.sampled_from(["1", "2.50", "-0", 7, "007.10"]),
    },
    optional={"properties": st.sampled_from([{"zone": "EU", "size": 3}, {"b": 1, "a": [2]}])},
)
VALUES: st.SearchStrategy[object] = st.sampled_from(
    ["1", 7, 2.5, None, "x", "1e3", "+1", True, 10**20, "123456789012345678", "", [], "-veikko"]
)
ANY = st.fixed_dictionaries(
    {
        "id": st.integers(0, 9).map(str),
        "meter": st.sampled_from([*METERS, "none"]),
        "time": st.sampled_from(
            [
                *("2026-10-20T12:00:00Z", "2026-10-18T12:00:00Z", "2026-10-12T23:00:00Z"),
                *("2026-09-01T12:00:00Z", "2026-10-21T01:00:00Z", "2020-01-01T00:00:00Z", "now"),
            ]
        ),
        "value": VALUES,
    },
    optional={
        "customer": st.sampled_from([*OWNERS, "nobody", None, 5]),
        "subscription": st.sampled_from(["runs", "ended", "moved", "nobody", None]),
        "source": st.sampled_from(["api", "bank", None, ""]),
        "properties": st.sampled_from(
            [{"zone": "EU"}, {"zone": "US", "size": "5"}, {"size": 2.5}, {"size": {}}, None, []]
        ),
        "more": st.none(),
    },
)
EVENTS = st.lists(st.one_of(USUAL, USUAL, USUAL, ANY), max_size=12)


class Nowhere(Session):
    """A session that nothing is asked of."""

    def __init__(self) -> None:
        self.merchant_id = UUID(int=1)


BY_SUBSCRIPTION = {one.external_id: Known((one,)) for own in OWNERS.values() for one in own}


def known(_session: Any, _look: Any, customers: set[str], subscriptions: set[str]) -> Placing:
    """What is known of subscribers, whoever asks."""
    return Placing(
        METERS,
        {name: Known(OWNERS[name]) for name in customers & OWNERS.keys()},
        {name: BY_SUBSCRIPTION[name] for name in subscriptions & BY_SUBSCRIPTION.keys()},
        *("Europe/Helsinki", NOW),
        has_letters=False,
    )


def placed(sent: Sequence[object], *, with_care: bool) -> tuple[object, ...]:
    """Where events belong and what is kept of each, whichever way; one day is billed already."""
    look: Any = None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(placing, "placing", known)
        patch.setattr(
            owners, "billed_days", lambda _, days: {one for one in days if one[2] == BILLED}
        )
        patch.setattr(taking_in, "known_keys", lambda _session, _keys: {})
        if with_care:
            patch.setattr(sent_together, "_usual", lambda sent, *_: None if sent else NONE)
        desk = Desk(Nowhere(), look, sent, NOW)
        if with_care:
            desk._bare = {}
        found = desk.place(read_events(sent, NOW))
    refused = {number: said(no) for number, no in found.refused.items()}
    billed = {key: said(no) for key, no in found.billed.items()}
    kept = {one.key: one for one in found.arrivals.each()}
    assert len(kept) == len(found.arrivals)
    return refused, billed, found.notes, sorted(found.late), found.firsts, kept


NONE = read_events([], NOW)


def said(refused: Any) -> tuple[str, str, str]:
    return refused.code, refused.field, refused.detail


@given(EVENTS)
def test_many_together_are_placed_as_one_by_one(events: list[dict[str, object]]) -> None:
    assert placed(events, with_care=False) == placed(events, with_care=True)


def test_each_meter_and_customer_is_placed_as_with_care() -> None:
    names = product(METERS, OWNERS, ("customer", "subscription"), ("1.0", "x"), TIMES)
    events = [
        {"id": str(place), "meter": meter, noun: name, "time": at, "value": value}
        for place, (meter, name, noun, value, at) in enumerate(names)
    ]
    assert placed(events, with_care=False) == placed(events, with_care=True)


@given(EVENTS)
def test_a_body_of_usual_events_is_placed_as_what_it_says(events: list[dict[str, object]]) -> None:
    body = msgspec.json.encode(events)
    plain = msgspec.json.decode(body)
    usual = usual_events(body)
    if usual is not None:
        assert [sent_together.as_sent(one) for one in usual] == plain
        assert placed(usual, with_care=False) == placed(plain, with_care=True)
        half = len(plain) // 2
        mixed = [*usual[:half], *plain[half:], Undated(id="u", meter="data", customer="runs")]
        assert placed(mixed, with_care=False) == placed(
            [*plain, Undated(id="u", meter="data", customer="runs")], with_care=True
        )


@pytest.mark.parametrize(
    "body",
    [
        *(b"[", b"7", b"[7]", b'{"id":"a"}', b'[{"id":"a","meter":"m","time":"t","more":1}]'),
        *(b'[{"id":"","meter":"m","time":"t"}]', b'{"id":7,"meter":"m","time":"t"}', b"\xff", b""),
        b'[{"id":"a","meter":"m","time":"t","properties":' + b"[" * 5_000 + b"]" * 5_000 + b"}]",
    ],
)
def test_a_body_of_others_is_left_to_the_careful_reading(body: bytes) -> None:
    assert usual_events(body) is None


def test_a_field_that_is_named_twice_says_what_it_says_last() -> None:
    body = b'{"id":"a","meter":"m","time":"t","value":"1","value":null,"id":"b"}'
    assert [sent_together.as_sent(one) for one in usual_events(body) or ()] == [
        msgspec.json.decode(body)
    ]


ROWS = (
    "select key, content, at from event_key order by key",
    "select key, subscription_id, meter_id, at, happened_at, source from usage_event order by key",
    "select key, event_id, number, received_at from usage_event order by key",
    "select key, name, is_removal, labels, problem, sent, properties from usage_event order by key",
    "select subscription_id, meter_id, events, added, highest from usage_rollup order by 1, 2, 3",
    "select subscription_id, since from usage_late order by 1",
)
AT = "2026-10-20T12:00:00Z"
SENT: Sequence[dict[str, object]] = [
    {"id": "1", "customer": "aino", "meter": "talk", "time": AT, "value": "2.50"},
    {"id": "2", "customer": "eino", "meter": "talk", "time": AT, "value": 7, "source": "bank"},
    {"id": "1", "customer": "aino", "meter": "talk", "time": AT, "value": "2.5"},
    {"id": "1", "customer": "aino", "meter": "talk", "time": AT, "value": "3"},
    {"id": "3", "customer": "nobody", "meter": "talk", "time": AT, "value": "3"},
    {"id": "3", "customer": "aino", "meter": "talk", "time": AT, "properties": {"b": 1, "a": "x"}},
    {"id": "4", "customer": "aino", "meter": "visits", "time": AT, "properties": {"b": 1, "a": 2}},
    {"id": "5", "customer": "aino", "meter": "level", "time": "2026-10-05T12:00:00Z", "value": "1"},
    {"id": "6", "customer": "aino", "meter": "talk", "time": "2026-10-05T12:00:00Z", "value": "1"},
    {"id": "7", "customer": "aino", "meter": "talk", "time": "yesterday", "value": "1"},
    {"id": "8", "customer": "eino", "meter": "talk", "time": AT, "value": "-0", "properties": {}},
    {"id": "9", "customer": "eino", "meter": "talk", "time": AT, "value": "x"},
]


def taken(town: Town, sent: Sequence[object]) -> tuple[list[list[Verdict]], list[object]]:
    """The verdicts on what is sent twice, and all rows that come of it; nothing of it stays."""
    with writing(town.merchant_id) as session:
        verdicts = [accept_in(session, sent, town.now, town.now) for _ in range(2)]
        rows: list[object] = [session.rows(query) for query in ROWS]
        transaction.set_rollback(True, using="default")
    return verdicts, rows


def test_what_is_taken_in_is_the_same_both_ways(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Aino", "Eino"):
        town.customer(name).subscribes("metered", on="2026-10-01")
    town.clock("2026-10-20")
    open_rollups(town.merchant_id, town.now)
    usual = [one for raw in SENT for one in usual_events(msgspec.json.encode(raw)) or ()]
    assert len(usual) == len(SENT)
    together = taken(town, usual)
    assert [one.status for one in together[0][0]] == [
        *("accepted", "accepted", "duplicate", "rejected", "rejected", "accepted"),
        *("accepted", "accepted", "accepted", "rejected", "accepted", "accepted"),
    ]
    monkeypatch.setattr(
        *(usage_desk, "counting_of"), lambda sold: replace(counting_of(sold), is_bare=False)
    )
    monkeypatch.setattr(sent_together, "_usual", lambda sent, *_: None if sent else NONE)
    assert taken(town, SENT) == together
