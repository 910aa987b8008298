"""A meter's page: what it counts, and what a program says to send it events."""

from django.http import HttpResponse

from kesto.core.catalog import SoldMeter
from kesto.core.metering import AGGREGATIONS as KNOWN
from kesto.core.metering.expression import properties_in
from kesto.core.refusals import NotFound
from kesto.store import catalogue, meters
from kesto.store.session import reading
from kesto.web.office import words, written
from kesto.web.office.catalogue import newest
from kesto.web.office.editor_words import AGGREGATIONS, LATE
from kesto.web.office.gate import OfficeRequest, office, page

CURL = """\
curl {address} \\
  -H "Authorization: Bearer $KESTO_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{event}'"""
PYTHON = """\
import json, os, urllib.request

event = {event}
request = urllib.request.Request(
    "{address}",
    data=json.dumps(event).encode(),
    headers={{
        "Authorization": "Bearer " + os.environ["KESTO_KEY"],
        "Content-Type": "application/json",
    }},
)
print(urllib.request.urlopen(request).read().decode())"""


@office("catalogue")
def meter(request: OfficeRequest, code: str) -> HttpResponse:
    """Show a meter, who prices it, and how events are sent to it."""
    with reading(request.staff.desk.merchant_id) as session:
        known = meters.meters(session).get(code)
        plans = newest(one for one, _ in catalogue.plan_versions(session).values())
    if known is None:
        raise NotFound("there is no such meter", code="unknown_meter", field="meter")
    address = request.build_absolute_uri("/v1/events")
    event = _event(known, request.staff.now.isoformat(timespec="seconds"))
    return page(
        request,
        "meter",
        "catalogue",
        meter=known,
        name=written.name(known.names),
        counts=words.said(AGGREGATIONS, known.meter.aggregation),
        late=words.said(LATE, known.late),
        priced_in=[
            (one.plan, written.name(one.names))
            for one in plans.values()
            if any(price.meter == code for price in one.prices)
        ],
        curl=CURL.format(address=address, event=event),
        python=PYTHON.format(address=address, event=event),
    )


def _event(known: SoldMeter, at: str) -> str:
    """An event of the meter as JSON, which Python reads just so."""
    counting = known.meter
    own = counting.property_name
    computed = properties_in(counting.expression)
    lines = [
        '"id": "event-1"',
        f'"meter": "{known.code}"',
        '"customer": "1001"',
        f'"time": "{at}"',
    ]
    if (
        counting.aggregation in KNOWN
        and counting.aggregation != "count"
        and not own
        and not computed
    ):
        lines.append('"value": "12.5"')
    names = dict.fromkeys(
        (*([own] if own else []), *computed, *counting.group_by, *counting.accepted)
    )
    if names:
        given = ", ".join(f'"{name}": "{_example(known, name)}"' for name in names)
        lines.append(f'"properties": {{{given}}}')
    return "{\n    " + ",\n    ".join(lines) + "\n}"


def _example(known: SoldMeter, name: str) -> str:
    accepted = known.meter.accepted.get(name)
    if accepted:
        return min(accepted)
    counting = known.meter
    own = (counting.property_name, *properties_in(counting.expression))
    is_counted = name in own and counting.aggregation != "unique"
    return "12.5" if is_counted else "…"
