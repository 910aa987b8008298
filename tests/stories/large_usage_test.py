"""Usage in bytes: quantities far above a million million are billed to the cent."""

from decimal import Decimal

from kesto.adapters.files.catalogue import read_catalogue
from kesto.flows.accept_usage import accept_usage
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.store.ids import new_id
from kesto.verify import verify
from tests.town import Town

SOLD = """
currency = "EUR"
prices_include_tax = true
[[products]]
code = "disk"
name.en = "Disk"
[[meters]]
code = "bytes"
name.en = "Bytes"
aggregation = "sum"
[[plans]]
code = "disk"
name.en = "Disk"
[[plans.prices]]
code = "bytes"
product = "disk"
meter = "bytes"
interval = "month"
model = "per_unit"
unit_amount = "0.000000000001"
"""


def test_ten_petabytes_are_a_line_like_any_other(town: Town) -> None:
    publish_catalogue(
        town.merchant_id, read_catalogue(SOLD.encode(), "sold.toml", new_id), town.now
    )
    town.customer("Aino").subscribes("disk", on="2026-10-01")
    town.clock("2026-10-31")
    sent = [
        {
            "id": str(number),
            "customer": "aino",
            "meter": "bytes",
            "time": "2026-10-05T10:00:00Z",
            "value": "999999999999999.000000000000000001",
        }
        for number in range(10)
    ]
    said = accept_usage(town.merchant_id, sent, town.now, town.now)
    assert {(one.status, one.note) for one in said} == {("accepted", "")}
    (invoice,) = town.bill(on="2026-11-01")
    (line,) = invoice.lines
    assert line.rated.quantity == Decimal(9999999999999990)
    assert line.rated.amount_minor == 1_000_000
    assert verify(town.merchant_id) == []
