"""Generated probes: ids, numbers, links and tokens of others open nothing, and tell nothing.

Each probe is a request of one customer for something that is another's, or nobody's. What comes
back is compared with every secret of the others: their names, numbers, references, addresses.
"""

import random
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from django.test import Client

from kesto.ops.home import Home
from kesto.store.ids import new_id, new_token
from kesto.store.session import reading
from tests.contracts.portal_visits import browser, link_of, text_of, visit_of
from tests.town import Citizen, Town

PROBES = 5_000
SEED = 20_261_126
LEAST_OF_EACH = 300
ONE_THING = {"invoice", "pdf", "receipt", "message", "link", "subscription"}


class Neighbours(NamedTuple):
    """Whose probes these are, and everything of the others that must not be seen."""

    client: Client
    own: str
    numbers: list[str]
    ids: list[str]
    links: list[str]
    secrets: list[str]


@pytest.fixture(scope="module")
def neighbours(booted: Home) -> Neighbours:
    assert booted
    town, other = Town.founded(), Town.founded()
    mallory = town.customer("Mallory")
    mallory.subscribes("basic", on="2026-10-01")
    victims = [town.customer("Sanelma Salainen"), other.customer("Kerttu Kätketty")]
    other.customer("Olavi Outo").subscribes("basic", on="2026-10-01")
    for victim in victims:
        victim.subscribes("plus", on="2026-10-01")
    town.bill(on="2026-11-01")
    other.bill(on="2026-11-01")
    invoices = [one for victim in victims for one in victim.invoices()]
    town.pays(victims[0].invoices()[0])
    other.pays(victims[1].invoices()[0])
    (own,) = mallory.invoices()
    return Neighbours(
        visit_of(mallory),
        own.number,
        [one.number for one in invoices if one.number != own.number],
        ids_of(victims),
        [link_of(victim) for victim in victims],
        secrets_of(victims),
    )


def ids_of(victims: list[Citizen]) -> list[str]:
    found = [str(victim.customer.id) for victim in victims]
    for victim in victims:
        found.append(str(victim.town.merchant_id))
        with reading(victim.town.merchant_id) as session:
            found += [str(own) for (own,) in session.rows("select id from payment")]
            found += [
                str(own)
                for (own,) in session.rows(
                    "select id from subscription where holder_id = %s", victim.customer.id
                )
            ]
        for one in victim.invoices():
            found += [str(one.invoice.id), *(str(line.item_id) for line in one.lines)]
    return found


def secrets_of(victims: list[Citizen]) -> list[str]:
    """What only the victims' own pages may show."""
    found = [victim.customer.person.name for victim in victims]
    for victim in victims:
        for one in victim.invoices():
            found += [one.invoice.reference, "44.90", "29.90"]
    return [word for word in found if word]


def probes(about: Neighbours) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Kind, address and form of each probe."""
    chance = random.Random(SEED)  # noqa: S311 - probes that can be made again
    while True:
        kind = chance.choice([*sorted(ONE_THING), "form", "query"])
        number = chance.choice([*about.numbers, mutated(about.own, chance)])
        unknown = chance.choice([*about.ids, str(new_id())])
        match kind:
            case "invoice":
                yield kind, f"/portal/invoices/{chance.choice([number, unknown])}/", {}
            case "pdf":
                yield kind, f"/portal/invoices/{number}/pdf", {}
            case "receipt":
                yield kind, f"/portal/receipts/{unknown}/pdf", {}
            case "message":
                yield kind, f"/portal/messages/{unknown}/", {}
            case "link":
                token = mutated(chance.choice(about.links), chance)
                yield kind, chance.choice([token, f"/p/{new_token()}", f"/p/{unknown}"]), {}
            case "subscription":
                rest = chance.choice(["", "plan/", "cancel/", "add-ons/", "confirm/"])
                deed = {"quote": f"quo_{new_id().hex}"} if rest == "confirm/" else {}
                yield kind, f"/portal/subscriptions/{unknown}/{rest}", deed
            case "form":
                yield kind, "/portal/messages/", forged(unknown, chance)
            case _:
                name = chance.choice(["customer", "customer_id", "merchant", "subject", "id"])
                path = chance.choice(["", "invoices/", "messages/", f"invoices/{about.own}/"])
                yield kind, f"/portal/{path}?{name}={unknown}&after={chance.randrange(9)}", {}


def forged(unknown: str, chance: random.Random) -> dict[str, str]:
    """A form that names another customer, or a group that does not exist."""
    return {
        "customer": unknown,
        "customer_id": unknown,
        chance.choice(["invoice-channel", "owner-channel"]): chance.choice(["email", unknown]),
    }


def mutated(text: str, chance: random.Random) -> str:
    """The same with one sign changed; the first few, which are an address, stay."""
    place = chance.randrange(5, len(text))
    sign = chance.choice([one for one in "0123456789" if one != text[place]])
    return text[:place] + sign + text[place + 1 :]


def test_no_probe_of_thousands_opens_or_tells_anything(neighbours: Neighbours) -> None:
    counts: dict[str, int] = {}
    leaks = []
    for (kind, path, form), _ in zip(probes(neighbours), range(PROBES), strict=False):
        answer = neighbours.client.post(path, form) if form else neighbours.client.get(path)
        counts[kind] = counts.get(kind, 0) + 1
        said = "" if answer.status_code == 302 else text_of(answer)
        is_open = kind in ONE_THING and answer.status_code != 404
        if is_open and neighbours.own not in path:
            leaks.append(f"{path} answers {answer.status_code}")
        leaks += [f"{path} tells {word}" for word in neighbours.secrets if word in said]
    assert leaks == []
    assert min(counts.values()) > LEAST_OF_EACH
    assert sum(counts.values()) == PROBES


@pytest.mark.parametrize("path", ["", "invoices/", "messages/"])
def test_without_a_visit_no_page_opens(path: str, neighbours: Neighbours) -> None:
    for stranger in (browser(), with_key(new_token()), with_key(neighbours.ids[0])):
        answer = stranger.get(f"/portal/{path}")
        assert answer.status_code == 403
        assert [word for word in neighbours.secrets if word in text_of(answer)] == []


def with_key(key: str) -> Client:
    client = browser()
    client.cookies["kesto_portal"] = key
    return client


def test_the_victims_own_pages_do_show_it(neighbours: Neighbours) -> None:
    """The canary: what the probes look for is really there to be seen."""
    for link in neighbours.links:
        client = browser()
        client.post(link)
        page = text_of(client.get("/portal/")) + text_of(client.get("/portal/invoices/"))
        assert any(word in page for word in neighbours.secrets)
