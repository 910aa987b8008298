"""Staff visit the portal in a customer's place, and act there under their own name."""

from kesto.store.session import reading
from tests.contracts.office_visits import browser, landed, member, text_of
from tests.contracts.portal_changes_test import at, confirms, seen
from tests.contracts.portal_visits import visit_of
from tests.town import Town


def actors(town: Town, action: str) -> list[str]:
    with reading(town.merchant_id) as session:
        rows = session.rows("select actor from audit where action = %s order by seq", action)
    return [actor for (actor,) in rows]


def test_what_staff_do_in_the_portal_is_theirs(town: Town) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("plus", on="2026-10-01")
    town.bill(on="2026-10-01")
    town.clock("2026-10-20")
    client = member(town, "service")
    home = landed(client, client.post(f"/office/customers/{aino.customer.id}/portal/"))
    assert "You act for the customer." in home
    assert at(own) in home
    page = seen(client, own, "plan", plan="basic")
    after = landed(client, confirms(client, own, page))
    assert "Call off" not in after
    assert actors(town, "enter_portal")[0].startswith("stf_")
    assert actors(town, "change_subscription")[-1].startswith("stf_")
    customer = visit_of(aino)
    seen_by_customer = text_of(customer.get(at(own)))
    assert "You act for the customer." not in seen_by_customer
    assert "Call off" not in seen_by_customer


def test_a_visit_in_place_ends_where_the_customer_signs_in(town: Town) -> None:
    aino, client = town.customer("Aino"), member(town, "service")
    client.post(f"/office/customers/{aino.customer.id}/portal/")
    key = client.cookies["kesto_portal"].value
    landed(client, client.post(f"/office/customers/{aino.customer.id}/portal/"))
    stranger = browser()
    stranger.cookies["kesto_portal"] = key
    assert stranger.get("/portal/").status_code == 403


def test_an_unknown_customer_is_nobodys_place(town: Town) -> None:
    client = member(town, "service")
    assert client.post(f"/office/customers/{town.merchant_id}/portal/").status_code == 404
