"""Seeded random lives: what people ask of their subscriptions, and when the office bills."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from kesto.core.calendar import Interval, Schedule
from kesto.core.changes import Command, plan_items
from kesto.core.changes.shop import add_on_item
from kesto.core.history import CalledOff, Cancelled, DeliverySkipped, Subscribed
from kesto.core.life import ADD_ON
from tests.simulator.coverage import CLOCK_NIGHTS, COMMANDS
from tests.simulator.wares import ADD_ONS, PLANS, ZONES
from tests.simulator.wishes import ALIGNMENTS, QUANTITIES, WHENS, WISHES, Asked, any_plan
from tests.simulator.world import Member, World

FIRST, LAST = date(2027, 1, 1), date(2028, 4, 30)
LEAP_DAY = date(2028, 2, 29)
DAY = timedelta(days=1)
# What is possible less often is tried more often then, but what was asked a moment ago is
# seldom undone before something else has happened.
WEIGHTS = {"keep": 40, "resume": 5, "end_discount": 3, "remove_add_on": 3, "call_off": 2}
WEIGHTS |= {"unskip_delivery": 8}
CONDITIONAL = {"keep", "resume", "call_off", "end_discount", "remove_add_on", "unskip_delivery"}


class Generator:
    """Chance with a seed, which leans towards the days on which billing engines break."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - chance that comes again, nothing secret

    def starts_at(self) -> datetime:
        """An instant to begin with."""
        day = FIRST + timedelta(days=self.random.randrange((LAST - FIRST).days))
        return self.instant(self.special(day))

    def instant(self, day: date) -> datetime:
        """An instant of a day; some in the hours when it is another day elsewhere."""
        hour = self.random.choice((0, 11, 11, 11, 21, 23))
        return datetime(day.year, day.month, day.day, hour, 30, tzinfo=UTC)

    def later(self, now: datetime) -> datetime:
        """An instant soon, or at once."""
        chance = self.random.random()
        if chance < 0.35:
            return now
        if chance < 0.6:
            return now + timedelta(hours=self.random.randrange(1, 240))
        return self.instant(self.special(now.date() + timedelta(self.random.randrange(1, 45))))

    def special(self, day: date) -> date:
        """A day, or one near it on which something is special."""
        chance = self.random.random()
        if chance < 0.25:
            return day.replace(day=monthrange(day.year, day.month)[1])
        if chance < 0.35:
            return day.replace(day=1)
        if chance < 0.5:
            near = [one for one in (*CLOCK_NIGHTS, LEAP_DAY) if abs((one - day).days) < 60]
            return self.random.choice(sorted(near)) if near else day
        return day

    def through(self, today: date) -> date:
        """The day to bill for: today, or a day that was left over."""
        return today - timedelta(days=self.random.choice((0, 0, 0, 0, 1, 1, 5)))

    def subscribed(self, world: World) -> Subscribed:
        """A subscription to begin; some began long ago, some lie ahead."""
        random = self.random
        version = random.choice(PLANS[any_plan(random)])
        start_on = self.special(world.today + timedelta(days=random.randrange(-45, 30)))
        if random.random() < 0.4:
            start_on = world.today
        alignment = random.choice(ALIGNMENTS)
        items, cadence_on = plan_items(version, start_on, random.choice(QUANTITIES), world.new_id)
        if random.random() < 0.2:
            code = random.choice(("safety", "storage", "care"))
            items += (add_on_item(ADD_ONS[code][-1], Decimal(1), world.new_id),)
        terms = version.terms
        end_on = None
        if terms.at_term_end == "end" and terms.minimum_months:
            end_on = Schedule(start_on, Interval("month", terms.minimum_months)).boundary(1)
        billed_from = None
        if random.random() < 0.1:
            billed_from = start_on + timedelta(days=random.randrange(1, 40))
        return Subscribed(
            start_on=start_on,
            alignment=alignment,
            items=items,
            billing_day=random.choice((1, 15, 29, 30, 31)) if alignment == "billing_day" else 0,
            anchor=self.special(start_on) if alignment == "anchor" else None,
            zone=random.choice(ZONES),
            end_on=end_on,
            billed_from=billed_from,
            terms=terms,
            cadence_on=None if cadence_on == start_on else cadence_on,
            currency="EUR",
        )

    def operation(self, world: World, member: Member) -> str:
        """What is asked of a subscription next, seldom what can't be."""
        unlikely = CONDITIONAL - self._likely(world, member)
        weights = [0.1 if one in unlikely else WEIGHTS.get(one, 1) for one in COMMANDS]
        return self.random.choices(COMMANDS, weights)[0]

    def _likely(self, world: World, member: Member) -> set[str]:
        life, today = member.life(), world.today
        latest = member.told[-1].event
        gone = {one.event.seq for one in member.told if isinstance(one.event, CalledOff)}
        ahead = [one.event for one in member.told if one.event.on > today and one.seq not in gone]
        found = {
            "keep": not isinstance(latest, Cancelled)
            and any(isinstance(event, Cancelled) for event in ahead),
            "resume": bool(life.pauses),
            "call_off": bool(ahead),
            "end_discount": bool(life.discounts),
            "remove_add_on": bool(life.live(ADD_ON, today)),
            "unskip_delivery": bool(life.skips) and not isinstance(latest, DeliverySkipped),
        }
        return {kind for kind, is_likely in found.items() if is_likely}

    def command(self, kind: str, world: World, member: Member) -> Command:
        """A command of a kind; it may well be refused."""
        on, when = self.on(world, member), self.random.choice(WHENS)
        return WISHES[kind](Asked(self.random, world, member, on, when, self.special))

    def on(self, world: World, member: Member) -> date | None:
        """The day of a change: none said, past, today or ahead, some of them with a meaning."""
        random, today = self.random, world.today
        chance = random.random()
        if chance < 0.35:
            return None
        if chance < 0.45:
            return today
        if chance < 0.55:
            return random.choice([one.event.on for one in member.told])
        if chance < 0.7:
            return max(
                self.special(today - timedelta(random.randrange(40))), member.life().start_on
            )
        return self.special(today + timedelta(days=random.randrange(60)))
