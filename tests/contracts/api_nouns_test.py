"""The API's nouns: what a merchant's own systems read and write, from the town's one year."""

from typing import Any

import pytest

from tests.contracts.api_visits import Program, key_for, refused
from tests.town import Town


class Shop:
    """A town with one customer who pays and one who was credited, and a program that looks."""

    def __init__(self) -> None:
        self.town = town = Town.founded()
        aino, self.ilta = town.customer("Aino"), town.customer("Ilta", language="sv")
        self.basic = aino.subscribes("basic", on="2026-10-01", add_ons=["magazine"])
        self.ilta.subscribes("plus", on="2026-10-15", payer="aino")
        self.invoices = town.bill(on="2026-11-01")
        town.pays(self.invoices[0])
        town.credits(self.invoices[-1], "goodwill")
        self.program = Program(key_for(town))

    def json(self, path: str) -> Any:
        answer = self.program.get(f"/v1/{path}")
        assert answer.status_code == 200, answer.content
        return answer.json()


@pytest.fixture(scope="module")
def shop(booted: object) -> Shop:
    assert booted
    return Shop()


@pytest.fixture(autouse=True)
def _no_limit(monkeypatch: Any) -> None:
    monkeypatch.setattr("kesto.api.limits.BURST", 10**9)


def test_a_customer_is_found_by_either_name(shop: Shop) -> None:
    aino = shop.json("customers/aino")
    assert aino["id"].startswith("cus_")
    assert (aino["name"], aino["country"], aino["payment_method"]) == ("Aino", "FI", "transfer")
    assert shop.json(f"customers/{aino['id']}") == aino
    assert shop.json("customers?external_id=aino")["items"] == [aino]
    assert refused(shop.program.get("/v1/customers/nobody")) == (404, "unknown_customer")


def test_smoke(shop: Shop) -> None:
    for path in ("products", "plans", "add_ons", "subscriptions?expand=holder,payer", "invoices?expand=customer,lines", "credit_notes?expand=lines", "payments?expand=customer", "customers/aino/next_invoices?language=fi", "invoices/2026-000001", "subscriptions/" + shop.basic.hex + "/events"):
        print(path, shop.json(path))
    assert 0
