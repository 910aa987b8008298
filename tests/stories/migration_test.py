"""Subscribers who are moved to another version of their plan: told in time, billed from then on."""

from typing import Any
from uuid import UUID

import pytest

from kesto.adapters.files.catalogue import read_catalogue
from kesto.core.changes import Cancel, ChangePlan, Pause
from kesto.core.moving import Wanted
from kesto.core.refusals import Invalid, NotFound
from kesto.core.subscription import Term
from kesto.flows import migrate_subscribers as flow
from kesto.flows.migrate_subscribers import Migration, migrate_subscribers, preview_migration
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.store.ids import new_id
from kesto.store.session import reading
from kesto.verify.proof import verify
from tests.town import ACTOR, PRICES, Town, day

WANTED = Wanted("plus", 1, 2, day("2026-12-01"), 30)


def publish_dearer(
    town: Town, code: str = "plus", before: str = "29.90", after: str = "34.90"
) -> None:
    """Publish a second version of a plan that is dearer."""
    text = PRICES.replace(f'code = "{code}"\n', f'code = "{code}"\nversion = 2\n', 1)
    text = text.replace(f'amount = "{before}"', f'amount = "{after}"', 1)
    publish_catalogue(town.merchant_id, read_catalogue(text.encode(), "new.toml", new_id), town.now)


@pytest.fixture
def dearer(town: Town) -> Town:
    """A town in which Plus has become dearer."""
    publish_dearer(town)
    return town


def previewed(town: Town, wanted: Wanted = WANTED) -> Migration:
    with reading(town.merchant_id) as session:
        return preview_migration(session, wanted, town.now)


def migrated(town: Town, wanted: Wanted = WANTED) -> Migration:
    return migrate_subscribers(town.merchant_id, wanted, town.now, ACTOR)


def told(town: Town) -> list[tuple[object, ...]]:
    with reading(town.merchant_id) as session:
        return session.rows(
            "select subscription_id, about_on::text, data ->> 'leave_by', created_at::date::text"
            " from notice where kind = 'price_changes' order by about_on"
        )


def on_plus(town: Town, name: str, on: str = "2026-10-01", **order: Any) -> UUID:
    return town.customer(name).subscribes("plus", on=on, plan_version=1, **order)


def test_a_dearer_price_is_told_a_month_before_and_billed_from_the_right_period(
    dearer: Town,
) -> None:
    aino = on_plus(dearer, "Aino")
    dearer.bill(on="2026-10-01")
    dearer.clock("2026-11-05")
    dearer.bill(on="2026-11-05")
    before = previewed(dearer)
    assert (before.moved, before.first_on) == (1, day("2027-01-01"))
    (found,) = before.sums
    assert (found.before_minor, found.after_minor) == (2990, 3490)
    assert told(dearer) == []
    assert migrated(dearer) == before
    assert told(dearer) == [(aino, "2027-01-01", "2026-12-17", "2026-11-05")]
    (december,) = dearer.bill(on="2026-12-01")
    (january,) = dearer.bill(on="2027-01-01")
    assert [december.invoice.total_minor, january.invoice.total_minor] == [2990, 3490]
    assert verify(dearer.merchant_id) == []


def test_it_goes_in_chunks_and_again_skips_who_was_moved(
    dearer: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "CHUNK", 2)
    for name in ("Aino", "Eve", "Olga", "Ida", "Elsa"):
        on_plus(dearer, name)
    assert previewed(dearer).moved == 5
    assert migrated(dearer).moved == 5
    again = migrated(dearer)
    assert (again.moved, again.skipped) == (0, {"moved": 5})
    assert len(told(dearer)) == 5


def test_who_is_bound_has_left_pauses_or_changes_is_left_alone(dearer: Town) -> None:
    on_plus(dearer, "Bound", term=Term(minimum_months=12))
    gone = on_plus(dearer, "Gone")
    dearer.clock("2026-10-02")
    citizen = dearer.customer("Busy")
    citizen.changes(gone, Cancel())
    paused = on_plus(dearer, "Paused")
    citizen.changes(paused, Pause(on=day("2026-11-01"), until=day("2027-01-01")))
    busy = on_plus(dearer, "Other")
    citizen.changes(busy, ChangePlan("max", on=day("2026-11-01")))
    found = previewed(dearer)
    assert found.moved == 0
    assert found.skipped == {"cancelled": 1, "changes": 1, "paused": 1, "term_binds": 1}


def test_who_leaves_or_chooses_otherwise_before_the_day_is_not_moved(dearer: Town) -> None:
    leaves, changes, stays = (on_plus(dearer, name) for name in ("Aino", "Eve", "Olga"))
    migrated(dearer)
    dearer.bill(on="2026-11-01")
    citizen = dearer.customer("Staff")
    citizen.changes(leaves, Cancel(last_day=day("2026-11-30")))
    citizen.changes(changes, ChangePlan("max", on=day("2026-11-01")))
    dearer.bill(on="2026-11-01")
    totals = sorted(
        line.rated.amount_minor for one in dearer.bill(on="2026-12-01") for line in one.lines
    )
    assert totals == [3490, 4990]
    assert stays
    assert verify(dearer.merchant_id) == []


def test_what_cannot_be_is_refused_by_name(dearer: Town) -> None:
    for wanted, field in (
        (Wanted("nothing", 1, 2, day("2026-12-01"), 30), "plan"),
        (Wanted("plus", 1, 7, day("2026-12-01"), 30), "to_version"),
        (Wanted("plus", 1, 1, day("2026-12-01"), 30), "to_version"),
        (Wanted("plus", 1, 2, day("2026-12-01"), 29), "notice_days"),
    ):
        with pytest.raises((Invalid, NotFound)) as refused:
            previewed(dearer, wanted)
        assert refused.value.field == field
