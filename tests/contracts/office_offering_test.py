"""What the portal offers is said in the office: when something is published, and at any time."""

from django.test import Client

from tests.contracts.office_catalogue_test import NEW, PHONE, owner
from tests.contracts.office_visits import landed, member, text_of
from tests.town import Town

__all__ = ["owner"]


def test_the_portal_offers_what_the_merchant_says(town: Town, owner: Client) -> None:
    sent = {**PHONE, "do": "review"}
    assert "Not offered" in text_of(owner.post(NEW, sent))
    landed(owner, owner.post(NEW, {**PHONE, "do": "publish"}))
    plan = "/office/catalogue/plans/phone/"
    page = text_of(owner.get(plan))
    assert "Not offered: subscribers don’t see it" in page
    offered_now = landed(owner, owner.post(f"{plan}offer/", {"offered": "on"}))
    assert "Subscribers can now choose it" in offered_now
    assert "Offered: subscribers may choose it" in offered_now
    editor = text_of(owner.get(f"{plan}next/"))
    assert 'name="in_portal" checked' in editor
    withheld = landed(owner, owner.post(f"{plan}offer/"))
    assert "Whoever has it keeps it." in withheld
    add_on = "/office/catalogue/add-ons/safety/"
    assert "Offered: subscribers" in text_of(owner.get(add_on))
    assert "Not offered" in landed(owner, owner.post(f"{add_on}offer/"))
    assert owner.post("/office/catalogue/plans/nothing/offer/").status_code == 404
    assert member(town, "service").post(f"{plan}offer/").status_code == 403
    again = {**PHONE, "code": "second", "in_portal": "on"}
    assert "Subscribers may choose it" in text_of(owner.post(NEW, {**again, "do": "review"}))
    assert "Offered: subscribers" in landed(owner, owner.post(NEW, {**again, "do": "publish"}))
