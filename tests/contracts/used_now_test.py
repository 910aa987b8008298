"""What programs ask all day says what is counted, whatever happened, and mostly by one query."""

from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from kesto.adapters.files.catalogue import read_catalogue
from kesto.core.changes.command import (
    AddAddOn,
    Cancel,
    ChangeBillingDay,
    ChangePlan,
    ChangeQuantity,
    ChangeZone,
    Command,
    Pause,
    RemoveAddOn,
    Resume,
    Transfer,
)
from kesto.core.exact import ZERO
from kesto.core.refusals import Refused
from kesto.flows.accept_usage import accept_usage
from kesto.flows.open_rollups import open_rollups
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.flows.show_usage import counted_now, used_now
from kesto.store.ids import new_id
from kesto.store.session import Session, reading
from kesto.store.usage import running_sums
from tests.contracts.usage_book_test import METERS, toml_of
from tests.town import Citizen, Town, day, morning

PLAIN = ["added", "filtered", "highest"]


def by_unit(meter: str, **more: str) -> dict[str, Any]:
    usual = {"product": "line", "interval": "month", "model": "per_unit", "unit_amount": "0.01"}
    return {"code": meter, "meter": meter, **usual, **more}


MONTHLY = {
    "code": "fee",
    "product": "line",
    "interval": "month",
    "charged": "advance",
    "model": "flat",
    "amount": "5.00",
}
PLANS: dict[str, list[dict[str, Any]]] = {
    "fees": [MONTHLY],
    "each": [MONTHLY, *map(by_unit, METERS)],
    "costly": [MONTHLY, by_unit("added", unit_amount="0.02"), by_unit("highest")],
    "by_year": [MONTHLY, by_unit("added", interval="year"), by_unit("filtered", interval="year")],
    "twice": [
        *(by_unit("added"), by_unit("added", code="again", interval="week")),
        by_unit("added", code="share", unit_amount="", model="percentage", rate="1.5"),
    ],
}
YEARLY = {**MONTHLY, "interval": "year"}
ADD_ONS = {
    "support": [MONTHLY],
    "care": [YEARLY],
    "more": [by_unit("added", interval="week"), by_unit("filtered")],
}


def sold(code: str, prices: list[dict[str, Any]]) -> dict[str, Any]:
    told = [{name: value for name, value in one.items() if value} for one in prices]
    return {"code": code, "name": {"en": code}, "prices": told}


def publishes(town: Town) -> None:
    document = {
        "currency": "EUR",
        "prices_include_tax": True,
        "products": [{"code": "line", "name": {"en": "Line"}}],
        "meters": [{"code": code, "name": {"en": code}, **meter} for code, meter in METERS.items()],
        "plans": [sold(*one) for one in PLANS.items()],
        "add_ons": [sold(*one) for one in ADD_ONS.items()],
    }
    read = read_catalogue(toml_of(document), "sold.toml", new_id)
    publish_catalogue(town.merchant_id, read, town.now)


class Life:
    """A customer whose subscriptions change, who uses what is metered, and who is asked about."""

    def __init__(self, town: Town, random: Random) -> None:
        publishes(town)
        self.town, self.random = town, random
        self.aino: Citizen = town.customer("Aino")
        town.customer("Veikko")
        self.own: list[UUID] = []
        self.sent = 0
        self.known: set[str] = set()

    def subscribes(self) -> None:
        plan = self.random.choice([*["each"] * 4, *PLANS])
        add_ons = self.random.choice(((), (), ("support",), ("more",)))
        starts = self.town.now - timedelta(days=self.random.randrange(-2, 40))
        on = max(starts.date(), day("2026-09-05")).isoformat()
        self.own.append(self.aino.subscribes(plan, on=on, add_ons=add_ons))

    def changes(self) -> None:
        on = self.town.now.date() + timedelta(days=self.random.randrange(-9, 3))
        commands: list[Command] = [
            ChangePlan(self.random.choice(list(PLANS)), on=on),
            AddAddOn(self.random.choice(list(ADD_ONS)), on=on),
            RemoveAddOn(self.random.choice(list(ADD_ONS)), on=on),
            ChangeQuantity(self.random.randrange(1, 4) + ZERO, on=on),
            Pause(on=on, until=on + timedelta(days=3)),
            Resume(on=on),
            Cancel(last_day=on, waives_notice=True),
            ChangeBillingDay(billing_day=self.random.randrange(1, 28)),
            ChangeZone(self.random.choice(("America/New_York", "Pacific/Auckland")), on=on),
            Transfer(self.random.choice(("veikko", "aino")), on=on),
        ]
        try:
            self.aino.changes(self.random.choice(self.own), self.random.choice(commands))
        except Refused:
            return  # such as what had ended: the next step is another

    def uses(self) -> None:
        events = []
        for _ in range(60):
            self.sent += 1
            at = self.town.now - timedelta(hours=self.random.randrange(24 * 35))
            events.append(
                {
                    "id": f"e{self.sent}",
                    "subscription": self.random.choice(self.own).hex,
                    "meter": self.random.choice([*PLAIN * 4, *METERS]),
                    "time": at.isoformat(),
                    "value": self.random.choice(("3", "0.25", "-4", f"{self.sent}.5")),
                    "properties": {"kind": self.random.choice("abc"), "who": f"w{self.sent % 9}"},
                }
            )
        accept_usage(self.town.merchant_id, events, self.town.now, self.town.now)

    def opens(self) -> None:
        open_rollups(self.town.merchant_id, self.town.now)

    def waits(self) -> None:
        on = self.town.now + timedelta(days=self.random.randrange(1, 9))
        self.town.clock(on.date().isoformat())

    def goes_on(self) -> None:
        self.random.choice((self.uses, self.opens))()
        steps = [self.changes, self.changes, self.changes, self.waits]
        if len(self.own) < 4:
            steps.append(self.subscribes)
        self.random.choice(steps)()

    def assert_the_same_is_said(self) -> None:
        with reading(self.town.merchant_id) as session:
            for shift in (timedelta(0), timedelta(hours=self.random.randrange(-30, 40))):
                at = self.town.now + shift
                for meter in METERS:
                    counted = counted_now(session, self.own, meter, at)
                    found = used_now(session, self.aino.customer.id, meter, at)
                    assert str(found) == str(sum(counted.values(), ZERO)), (meter, at, counted)
                    self._by_row(session, meter)

    def _by_row(self, session: Session, meter: str) -> None:
        own = self.aino.customer.id
        sums = running_sums.of_user(session, own, meter, self.town.now)
        if any(sums.values()):
            self.known.add(meter)


@pytest.mark.parametrize("seed", range(5))
def test_any_life_is_told_as_it_is_counted(town: Town, seed: int) -> None:
    town.clock("2026-10-20")
    life = Life(town, Random(seed))  # noqa: S311 - the same lives each time
    life.subscribes()
    for _ in range(12):
        life.goes_on()
        life.assert_the_same_is_said()
        life.opens()
        life.assert_the_same_is_said()
    assert life.known <= {*PLAIN}


@pytest.fixture
def asked(town: Town, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The queries that were asked since the list was emptied."""
    queries: list[str] = []
    for way in ("rows", "named", "row", "prepared"):
        real = getattr(Session, way)

        def ask(session: Session, query: str, *given: Any, real: Any = real) -> Any:
            queries.append(query)
            return real(session, query, *given)

        monkeypatch.setattr(Session, way, ask)
    town.clock("2026-10-20")
    publishes(town)
    return queries


def used(town: Town, own: Citizen, meter: str, asked: list[str]) -> tuple[str, bool]:
    """What is used of a meter, and whether one query said it."""
    asked.clear()
    with reading(town.merchant_id) as session:
        found = used_now(session, own.customer.id, meter, town.now)
    return str(found), len(asked) == 1


def sends(town: Town, *subscriptions: UUID, value: int) -> None:
    events = [
        {
            "id": new_id().hex,
            "subscription": own.hex,
            "meter": meter,
            "time": "2026-10-10T10:00:00Z",
            "value": value,
            "properties": {"kind": "a"},
        }
        for own in subscriptions
        for meter in ("added", "filtered", "highest", "rounded", "by_kind")
    ]
    said = accept_usage(town.merchant_id, events, town.now, town.now)
    assert {one.status for one in said} == {"accepted"}


def test_one_query_says_what_several_subscriptions_used(town: Town, asked: list[str]) -> None:
    aino = town.customer("Aino")
    own = [aino.subscribes(plan, on="2026-10-01") for plan in ("each", "costly")]
    ended = aino.subscribes("each", on="2026-09-10", ends="2026-10-12")
    assert used(town, aino, "added", asked) == ("0", False)
    open_rollups(town.merchant_id, town.now)
    sends(town, *own, ended, value=5)
    sends(town, own[0], value=2)
    assert used(town, aino, "added", asked) == ("12", True)
    assert used(town, aino, "highest", asked) == ("10", True)
    # Who has no price for it, rounds or groups is counted price by price.
    assert used(town, aino, "filtered", asked) == ("3", False)
    assert used(town, aino, "rounded", asked)[1] is False
    assert used(town, aino, "by_kind", asked)[1] is False
    assert used(town, town.customer("Eino"), "added", asked) == ("0", True)


def test_whatever_moves_is_counted_until_rollups_are_opened(town: Town, asked: list[str]) -> None:
    aino = town.customer("Aino")
    own = aino.subscribes("each", on="2026-10-01")
    open_rollups(town.merchant_id, town.now)
    sends(town, own, value=5)
    assert used(town, aino, "added", asked) == ("5", True)
    aino.changes(own, ChangePlan("costly", on=day("2026-10-15")))
    assert used(town, aino, "added", asked) == ("0", False)
    open_rollups(town.merchant_id, town.now)
    assert used(town, aino, "added", asked) == ("0", True)
    aino.changes(own, AddAddOn("more", on=day("2026-10-15")))
    open_rollups(town.merchant_id, town.now)
    assert used(town, aino, "added", asked) == ("0", False)  # two prices count it
    assert used(town, aino, "highest", asked) == ("0", True)
    town.now = morning("2026-12-24")
    assert used(town, aino, "highest", asked) == ("0", False)


@pytest.mark.parametrize("meter", ["added", "rounded", "by_kind"])
@pytest.mark.parametrize("add_ons", [(), ("support",), ("care",), ("support", "care")])
def test_an_older_add_on_does_not_say_over_which_period_is_counted(
    town: Town, asked: list[str], meter: str, add_ons: tuple[str, ...]
) -> None:
    """10 October: 5 used. 15 October: another plan. 16 October: 2 used. By the 20th: 2, not 7.

    The add-ons run since 1 September and go on, one by the month and one by the year; neither
    counts anything. Without them it was 2 all along.
    """
    aino = town.customer("Aino")
    own = aino.subscribes("each", on="2026-09-01", add_ons=add_ons)
    uses(town, own, "2026-09-12", 3)
    uses(town, own, "2026-10-10", 5)
    assert used(town, aino, meter, asked)[0] == "5"
    aino.changes(own, ChangePlan("costly" if meter == "added" else "fees", on=day("2026-10-15")))
    uses(town, own, "2026-10-16", 2)
    assert used(town, aino, meter, asked)[0] == "2"
    open_rollups(town.merchant_id, town.now)
    assert used(town, aino, meter, asked) == ("2", meter == "added")


def test_the_plan_says_the_period_before_and_after_a_change(town: Town, asked: list[str]) -> None:
    """An add-on that counts by the week is no reason to count by the week once the plan changed."""
    town.clock("2026-10-24")
    aino = town.customer("Aino")
    own = aino.subscribes("each", on="2026-09-01", add_ons=("more",))
    uses(town, own, "2026-10-02", 5)
    uses(town, own, "2026-10-22", 1)
    assert used(town, aino, "added", asked)[0] == "6"
    aino.changes(own, ChangePlan("costly", on=day("2026-10-01")))
    assert used(town, aino, "added", asked)[0] == "6"
    aino.changes(own, ChangePlan("fees", on=day("2026-10-02")))
    assert used(town, aino, "added", asked)[0] == "1", "only the add-on counts it: by the week"


def uses(town: Town, own: UUID, on: str, value: int) -> None:
    """Something is used on a day, by every meter that takes any value."""
    events = [
        {
            "id": new_id().hex,
            "subscription": own.hex,
            "meter": meter,
            "time": f"{on}T10:00:00Z",
            "value": value,
            "properties": {"kind": "a"},
        }
        for meter in ("added", "rounded", "by_kind")
    ]
    said = accept_usage(town.merchant_id, events, town.now, town.now)
    assert {one.status for one in said} == {"accepted"}
