"""Publishing: what comes back as it was, what may change later, and what may not."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from msgspec import structs

from kesto.core.catalog import AddOn, Catalogue, Coupon, PlanTerms, PlanVersion
from kesto.core.refusals import Conflict, Invalid, RefusedTogether
from kesto.flows.publish_catalogue import Published, publish_catalogue
from kesto.store import catalogue as store
from kesto.store import coupons, meters
from kesto.store.ids import new_id
from kesto.store.promises import content_hash
from kesto.store.session import reading, writing
from kesto.verify import verify
from tests.town import PRICES, Town
from tests.worked import FILE, offered

OLD_BASIC = "596aab2954f276b723c9d257b887158cb33d5a0b832c63e95f8fd9bfd351604b"
OLD_SAFETY = "a590770a3c62375ca795ba0a16c6071f95b435afc66646ce09c163a24a738f32"


def publish(town: Town, wanted: Catalogue) -> Published:
    return publish_catalogue(town.merchant_id, wanted, town.now, "the clerk")


def only(**parts: Any) -> Catalogue:
    """A catalogue of these things alone, as the office offers them."""
    return Catalogue("EUR", True, **{"products": (), "plans": (), "add_ons": (), **parts})


def test_what_is_published_is_read_as_it_was(town: Town) -> None:
    wanted = offered()
    assert publish(town, wanted) == Published(4, 4, 1, 2, 2, 1, 0)
    with reading(town.merchant_id) as session:
        versions = store.plan_versions(session)
        for version in wanted.plans:
            found, sha256 = versions[version.plan, 1]
            assert found == version
            assert sha256 == content_hash(version)
        assert store.add_ons(session)["abroad", 1][0] == wanted.add_ons[0]
        known = meters.meters(session)
        assert tuple(known[one.code] for one in wanted.meters) == wanted.meters
        assert tuple(meters.features(session).values()) == wanted.features
        assert tuple(coupons.coupons(session).values()) == wanted.coupons
        listed = store.PriceList().of(session, versions["mobile", 1][0].id, -1, ("EUR", True))
    assert listed == wanted.plans[0].prices


def test_the_same_file_again_changes_nothing(town: Town) -> None:
    publish(town, offered())
    assert publish(town, offered()) == Published(0, 0, 0, 0, 0, 0, 10)


CHANGED = [
    ("included_units = 20", "included_units = 21", "published_version_changed", "plans.mobile"),
    ('meter = "data"\n', "", "published_version_changed", "plans.mobile"),
    ("interval_count = 14", "interval_count = 30", "published_version_changed", "plans.gym"),
    ('phases = ["start"]', 'phases = ["trial"]', "published_version_changed", "plans.gym"),
    ("notice_days = 30", "notice_days = 31", "published_version_changed", "plans.gym"),
    (", limit = 1 }]", ", limit = 2 }]", "published_version_changed", "plans.mobile"),
    ("minimum_months = 1\n", "minimum_months = 2\n", "published_version_changed", "add_ons.abroad"),
    ('aggregation = "sum"', 'aggregation = "max"', "meter_changed", "meters.data"),
    ('kind = "limit"', 'kind = "metered"\nmeter = "data"', "feature_changed", "features.sim_cards"),
    ("periods = 3", "periods = 4", "coupon_changed", "coupons.spring"),
    ("percent = 50\nduration", "percent = 40\nduration", "coupon_changed", "coupons.spring"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "code", "field"), CHANGED)
def test_what_is_published_does_not_change(
    town: Town, right: str, wrong: str, code: str, field: str
) -> None:
    publish(town, offered())
    assert right in FILE
    with pytest.raises(Conflict) as refused:
        publish(town, offered(FILE.replace(right, wrong, 1)))
    assert (refused.value.code, refused.value.field) == (code, field)


def test_names_and_a_coupons_last_day_may_change_and_codes_be_added(town: Town) -> None:
    publish(town, offered())
    text = FILE.replace('en = "Mobile data"', 'en = "Data"').replace("2027-05-31", "2027-02-28")
    text = text.replace('["SPRING27"]', '["spring27", "MAY"]').replace('"SIM cards"', '"Cards"')
    assert publish(town, offered(text)) == Published(0, 0, 0, 1, 1, 1, 7)
    with reading(town.merchant_id) as session:
        spring = coupons.coupons(session)["spring"]
        assert meters.meters(session)["data"].names["en"] == "Data"
        assert meters.features(session)["sim_cards"].names["en"] == "Cards"
    assert (spring.codes, spring.valid_until) == (("MAY", "SPRING27"), date(2027, 2, 28))


def test_a_code_that_is_typed_in_belongs_to_one_coupon(town: Town) -> None:
    publish(town, offered())
    other = Coupon(new_id(), "may", {"en": "May"}, percent=Decimal(5), codes=("MAY", "Spring27"))
    with pytest.raises(Conflict) as refused:
        publish(town, only(coupons=(other,)))
    assert refused.value.field == "coupons.may.codes[1]"
    add = "insert into coupon_code (merchant_id, id, coupon_id, code) values (%s, %s, %s, %s)"
    with writing(town.merchant_id) as session:
        spring = coupons.coupons(session)["spring"]
        with pytest.raises(psycopg.errors.UniqueViolation):
            session.execute(add, town.merchant_id, new_id(), spring.id, "spring27")


def _with(**changes: Any) -> Callable[[PlanVersion], PlanVersion]:
    return lambda version: structs.replace(version, version=2, **changes)


WRONG: list[tuple[Callable[[PlanVersion], PlanVersion], str]] = [
    (_with(terms=PlanTerms(notice_days=-1)), "plans.mobile.terms.notice_days"),
    (_with(prices=()), "plans.mobile.prices"),
]


@pytest.mark.parametrize(("changed", "field"), WRONG)
def test_a_version_that_makes_no_sense_is_refused_by_the_flow_too(
    town: Town, changed: Callable[[PlanVersion], PlanVersion], field: str
) -> None:
    publish(town, offered())
    with reading(town.merchant_id) as session:
        mobile, _ = store.plan_versions(session)["mobile", 1]
    with pytest.raises(RefusedTogether) as refused:
        publish(town, only(plans=(changed(mobile),)))
    assert (refused.value.field, refused.value.subject) == (field, "mobile")


def test_what_is_offered_alone_leans_on_what_is_there(town: Town) -> None:
    publish(town, offered())
    with reading(town.merchant_id) as session:
        mobile, _ = store.plan_versions(session)["mobile", 1]
    prices = tuple(structs.replace(price, id=new_id()) for price in mobile.prices)
    newer = structs.replace(mobile, id=new_id(), version=2, prices=prices)
    assert publish(town, only(plans=(newer,))).plans == 1
    add_on = AddOn(new_id(), "more", 1, {"en": "More"}, prices[:1], ("mobil",))
    with pytest.raises(Invalid) as refused:
        publish(town, only(add_ons=(structs.replace(add_on, id=new_id()),)))
    assert refused.value.field == "add_ons.more.plans[0]"


def test_who_subscribed_keeps_the_version_they_took(town: Town) -> None:
    aino = town.customer("Aino")
    aino.subscribes("basic", on="2026-10-01")
    newer = PRICES.replace('code = "basic"\n', 'code = "basic"\nversion = 2\n', 1)
    newer = newer.replace('amount = "10.00"', 'amount = "12.00"', 1)
    publish(town, offered(newer))
    eino = town.customer("Eino")
    eino.subscribes("basic", on="2026-10-01")
    billed = town.bill(on="2026-11-01")
    assert sorted(one.invoice.total_minor for one in billed) == [1000, 1200]


def test_a_seal_from_before_there_were_phases_is_still_the_same() -> None:
    """The hashes were computed when a version had names and prices only."""
    listed = offered(PRICES)
    (safety,) = [one for one in listed.add_ons if one.code == "safety"]
    assert content_hash(listed.plans[0]).hex() == OLD_BASIC
    assert content_hash(safety).hex() == OLD_SAFETY


def test_verify_finds_nothing_in_the_whole_catalogue(town: Town) -> None:
    publish(town, offered())
    assert verify(town.merchant_id) == []
