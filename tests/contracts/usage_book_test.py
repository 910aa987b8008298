"""What the store counts is what the core counts: all aggregations and models, in any order."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from kesto.adapters.files.catalogue import read_catalogue
from kesto.calculate import calculate
from kesto.flows.accept_usage import accept_usage
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.store.billing import parked_groups
from kesto.store.ids import new_id
from kesto.store.invoices import Stored
from kesto.store.session import reading
from kesto.verify.proof import verify
from tests.town import Town, day, morning

METERS: dict[str, dict[str, Any]] = {
    "added": {"aggregation": "sum"},
    "rounded": {"aggregation": "sum", "rounding": {"round": "up", "digits": 1}},
    "filtered": {"aggregation": "count", "filter": {"kind": ["a"]}},
    "highest": {"aggregation": "max"},
    "last": {"aggregation": "latest"},
    "different": {"aggregation": "unique", "property": "who"},
    "weighed": {"aggregation": "weighted_sum"},
    "prorated": {"aggregation": "sum", "prorate": True},
    "kept": {"aggregation": "sum", "carry": "since_start"},
    "by_kind": {"aggregation": "sum", "group_by": ["kind"]},
    "peaks": {"aggregation": "max", "group_by": ["kind"]},
}
HOURS = [f"2026-10-{d:02}T{h:02}:00:00+00:00" for d in range(1, 32) for h in range(24)]
SERIES = {hour: f"{place % 7}.{place % 10}1" for place, hour in enumerate(HOURS)}
SERIES |= {f"2026-09-30T{h}:00:00+00:00": "0.5" for h in (21, 22, 23)}
PRICES: list[tuple[str, dict[str, Any]]] = [
    ("added", {"model": "per_unit", "unit_amount": "0.013", "included_units": "40"}),
    ("rounded", {"model": "package", "package_size": "10", "package_amount": "1.5"}),
    ("filtered", {"model": "per_unit", "unit_amount": "0.5"}),
    ("highest", {"model": "per_unit", "unit_amount": "0.1"}),
    ("last", {"model": "per_unit", "unit_amount": "0.1"}),
    ("different", {"model": "per_unit", "unit_amount": "3"}),
    ("weighed", {"model": "per_unit", "unit_amount": "0.01"}),
    ("prorated", {"model": "per_unit", "unit_amount": "0.01"}),
    ("kept", {"model": "per_unit", "unit_amount": "0.02"}),
    ("added", {"model": "percentage", "rate": "1.5", "fixed_amount": "0.1"}),
    ("added", {"model": "time_series", "series": SERIES, "margin": "0.3"}),
    ("added", {"model": "time_series", "series": SERIES, "included_units": "25"}),
    (
        "by_kind",
        {
            "model": "dimensional",
            "dimensions": ["kind"],
            "rows": [{"kind": "a", "unit_amount": "0.2"}],
            "default": {"unit_amount": "0.1"},
        },
    ),
    (
        "by_kind",
        {"model": "per_unit", "unit_amount": "0.01", "bucketed": True, "included_units": "5"},
    ),
    (
        "peaks",
        {
            "model": "capacity",
            "tiers": [{"limits": {"a": "50", "b": "90"}, "amount": "7"}, {"amount": "11"}],
        },
    ),
]


@pytest.fixture
def town(town: Town) -> Iterator[Town]:
    yield town
    assert verify(town.merchant_id) == []


@pytest.mark.parametrize("seed", range(6))
def test_the_store_counts_what_the_core_counts(town: Town, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - the same events each time
    publishes(town)
    town.customer("Aino").subscribes("all", on="2026-10-01")
    town.clock("2026-10-31")
    sent = list(events_of(random))
    again = [*sent, *random.sample(sent, len(sent) // 3)]
    random.shuffle(again)
    while again:
        batch, again = again[:97], again[97:]
        said = accept_usage(town.merchant_id, batch, town.now, town.now)
        assert {one.status for one in said} <= {"accepted", "duplicate"}
    invoices = town.bill(on="2026-11-01")
    with reading(town.merchant_id) as session:
        assert parked_groups(session) == []
        codes = dict(
            session.rows("select id, code from price where merchant_id = %s", town.merchant_id)
        )
    assert billed(invoices[-1], codes) == expected(sent)


def publishes(town: Town) -> None:
    """Publish the meters, and a plan with a price of each kind."""
    document = {
        "currency": "EUR",
        "prices_include_tax": True,
        "products": [{"code": "line", "name": {"en": "Line"}}],
        "meters": [{"code": code, "name": {"en": code}, **meter} for code, meter in METERS.items()],
        "plans": [
            {
                "code": "all",
                "name": {"en": "All"},
                "prices": [
                    {
                        "code": f"p{place:02}",
                        "product": "line",
                        "interval": "month",
                        "meter": meter,
                        **price,
                    }
                    for place, (meter, price) in enumerate(PRICES)
                ],
            }
        ],
    }
    read = read_catalogue(toml_of(document), "all.toml", new_id)
    publish_catalogue(town.merchant_id, read, town.now)


def toml_of(document: dict[str, Any]) -> bytes:
    """A document as TOML with inline tables."""

    def value(one: object) -> str:
        if isinstance(one, dict):
            inside = ", ".join(f'"{name}" = {value(each)}' for name, each in one.items())
            return f"{{ {inside} }}"
        if isinstance(one, list):
            return f"[{', '.join(map(value, one))}]"
        return str(one).lower() if isinstance(one, bool | int) else f'"{one}"'

    return "\n".join(f"{name} = {value(one)}" for name, one in document.items()).encode()


def events_of(random: Random) -> Iterator[dict[str, Any]]:
    """A month of events on every meter, some of them at the same moment, some that don't count."""
    for number in range(400):
        at = morning("2026-10-01") - timedelta(hours=9)
        at += timedelta(seconds=random.choice((random.randrange(2_678_400), 86_400 * 7)))
        value: object = random.choice((random.randrange(90), f"{random.randrange(9000) / 100}"))
        yield {
            "id": f"e{number}",
            "customer": "aino",
            "meter": random.choice(list(METERS)),
            "time": at.isoformat(),
            "value": random.choice((value, value, value, "x")),
            "properties": {
                "kind": random.choice(("a", "b", "c")),
                "who": f"w{random.randrange(20)}",
                **random.choice(({}, {}, {"operation": "remove"})),
            },
        }


def billed(invoice: Stored, codes: dict[UUID, str]) -> list[tuple[str, int]]:
    """What each price came to, in the order of the prices."""
    usage = [line.rated for line in invoice.lines if line.rated.kind == "usage"]
    assert {(one.period_start, one.period_end) for one in usage} == {
        (day("2026-10-01"), day("2026-11-01"))
    }
    in_order = sorted(usage, key=lambda one: codes[one.price_id])
    return [(str(one.quantity), one.amount_minor) for one in in_order]


def expected(sent: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """The same by the public calculator: aggregate, then price."""
    found = []
    for code, price in PRICES:
        own = [
            {name: one[name] for name in ("id", "time", "value", "properties")}
            for one in sent
            if one["meter"] == code
        ]
        counted: Any = calculate(
            {
                "op": "aggregate",
                "meter": METERS[code],
                "zone": "Europe/Helsinki",
                "period": {"start": "2026-10-01", "end": "2026-11-01"},
                "events": own,
            }
        )
        used = used_of(price, counted, own)
        priced: Any = calculate({"op": "price", "currency": "EUR", "price": price, **used})
        assert "rounded" in priced, (code, priced)
        found.append((counted["quantity"], int(priced["rounded"].replace(".", ""))))
    return found


def used_of(price: dict[str, Any], counted: Any, own: list[dict[str, Any]]) -> dict[str, Any]:
    """What the calculator is asked for, in the price's own kind."""
    valid = [one for one in own if one["value"] != "x"]
    if price["model"] == "percentage":
        in_order = sorted(valid, key=lambda one: (one["time"], one["id"]))
        return {"amounts": [str(one["value"]) for one in in_order]}
    if price["model"] == "time_series":
        hours = [
            {"interval": f"{one['time'][:13]}:00:00+00:00", "quantity": str(one["value"])}
            for one in valid
        ]
        return {"quantities": hours}
    groups = counted.get("groups", [])
    if price["model"] == "capacity":
        return {"levels": {one["by"]["kind"]: one["quantity"] for one in groups}}
    if groups:
        is_plain = price["model"] != "dimensional"
        return {
            "quantities": [
                {"quantity": one["quantity"], **({} if is_plain else one["by"])} for one in groups
            ]
        }
    return {"quantity": counted["quantity"]}
