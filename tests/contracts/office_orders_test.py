"""Orders with a coupon in the office: looked at with it, carried out with it, refused by name."""

import re
from typing import Any

import pytest
from django.test import Client

from kesto.store.session import reading
from tests.contracts.office_visits import landed, member, text_of
from tests.town import Town

COUPONS = "/office/catalogue/coupons/new/"


@pytest.fixture
def owner(town: Town) -> Client:
    town.customer("Aino")
    client = member(town, "owner")
    half = {"name_en": "Half", "code": "half", "percent": "50", "duration": "periods"}
    landed(client, client.post(COUPONS, half | {"periods": "2", "codes": "HALF24"}))
    return client


def ordering(town: Town) -> str:
    with reading(town.merchant_id) as session:
        row = session.row("select id from customer where external_id = 'aino'")
    assert row is not None
    return f"/office/customers/{row[0]}/subscribe/"


def order(owner: Client, path: str, **more: str) -> dict[str, str]:
    """What a browser would send of the form for the plan."""
    page = text_of(owner.get(f"{path}?plan=basic"))
    assert '<option value="half">Half: 50% for 2 periods</option>' in page
    own = re.search(r'name="id" value="([^"]+)"', page)
    assert own is not None
    usual: dict[str, Any] = {
        "id": own[1],
        "plan": "basic",
        "quantity": "1",
        "start_on": "2026-10-15",
        "alignment": "anniversary",
        "minimum_months": "0",
        "notice_days": "0",
    }
    return usual | more


@pytest.mark.parametrize("typed", ["half", "half24"])
def test_an_order_is_looked_at_and_carried_out_with_its_coupon(
    town: Town, owner: Client, typed: str
) -> None:
    path = ordering(town)
    wanted = order(owner, path, coupon=typed)
    preview = text_of(owner.post(path, wanted))
    assert "Half: 50% for 2 periods" in preview
    assert "Discount" in preview
    again = re.findall(r'name="seal" value="([^"]+)"', text_of(owner.post(path, wanted)))
    seal = re.findall(r'name="seal" value="([^"]+)"', preview)
    assert seal == again  # the same is shown whenever one looks
    shown = landed(owner, owner.post(path, wanted | {"seal": seal[0]}))
    assert "The subscription is made." in shown
    assert "50%" in shown
    with reading(town.merchant_id) as session:
        row = session.row("select start_on::text, until_on::text from discount")
        told = session.rows("select kind from subscription_event order by seq")
    assert row == ("2026-10-15", "2026-12-15")
    assert [kind for (kind,) in told] == ["subscribed", "discount_given"]


def test_a_coupon_that_there_is_not_is_said_beside_its_field(town: Town, owner: Client) -> None:
    path = ordering(town)
    page = text_of(owner.post(path, order(owner, path, coupon="quarter")))
    assert "Coupon: There is no such coupon" in page
    with reading(town.merchant_id) as session:
        assert session.rows("select from subscription") == []
