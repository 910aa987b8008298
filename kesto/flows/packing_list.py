"""Write the packing list of days: a row for each thing that somebody gets, with where it goes."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from kesto.adapters.files.csv_written import csv_written
from kesto.core.exact import shown
from kesto.flows.show_deliveries import Stop

HEAD = (
    *("day", "subscription", "name", "street", "postal_code", "city", "country", "phone"),
    *("code", "what", "quantity", "state", "carrier", "tracking"),
)


def packing_list(
    found: Sequence[Stop], names: Mapping[UUID, Mapping[str, str]], language: str
) -> bytes:
    """The list as CSV; what is skipped is not in it."""
    return csv_written(HEAD, _rows(found, names, language))


def _rows(
    found: Sequence[Stop], names: Mapping[UUID, Mapping[str, str]], language: str
) -> Iterator[Sequence[str]]:
    for one in found:
        if one.status == "skipped":
            continue
        person, latest = one.address, one.latest
        for content in one.contents:
            known = names.get(content.owner_id, {})
            yield (
                *(one.on.isoformat(), one.recipient.external_id, person.name, person.street),
                *(person.postal_code, person.city, person.country, person.phone),
                *(content.code, known.get(language) or next(iter(known.values()), "")),
                *(shown(content.quantity), one.status),
                *((latest.carrier, latest.tracking) if latest else ("", "")),
            )
