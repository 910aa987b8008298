"""A subscription's life: what its history comes to, as it stands and lies ahead."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from kesto.core.calendar import Interval, Schedule
from kesto.core.catalog import WHOLE_PERCENT, DeliverySchedule, PlanTerms
from kesto.core.discount_lines import StandingDiscount
from kesto.core.item import Cadence, Course, Extra, Pause, Step, Turn, ZoneFrom
from kesto.core.rhythm import Rhythm

PLAN = "plan"
ADD_ON = "add_on"
EXTRA = "extra"
EARLY_TERMINATION = "early_termination"
DAY = timedelta(days=1)


class LifeItem(Struct):
    """An item as history made it; `owner_id` is its plan version or add-on.

    `end_on` equal to `start_on`: it never ran. `delivered_from` is when it was first taken, before
    a phase, another version or another payer of it; `rhythm` says on which days it is delivered.
    """

    id: UUID
    kind: str
    start_on: date
    cadence: Cadence
    quantity: Decimal
    code: str = ""
    owner_id: UUID | None = None
    end_on: date | None = None
    group_id: UUID | None = None
    phase: int = -1
    percent: Decimal = WHOLE_PERCENT
    steps: tuple[Step, ...] = ()
    turns: tuple[Turn, ...] = ()
    carries_on: bool = False
    bound_until: date | None = None
    extra: Extra | None = None
    delivery: DeliverySchedule | None = None
    delivered_from: date | None = None
    rhythm: Rhythm | None = None
    course: Course | None = None

    @property
    def is_for_leaving(self) -> bool:
        """Whether it is what leaving a term early costs."""
        return self.extra is not None and self.extra.reason == EARLY_TERMINATION

    def runs(self, day: date) -> bool:
        """Whether it runs on a day."""
        return self.start_on <= day and (self.end_on is None or day < self.end_on)

    def is_ahead(self, day: date) -> bool:
        """Whether it starts after a day and does run."""
        return self.start_on > day and self.end_on != self.start_on

    def quantity_at(self, day: date) -> Decimal:
        """The quantity that runs on a day."""
        return next(
            (step.quantity for step in reversed(self.steps) if step.on <= day), self.quantity
        )

    def stop(self, on: date) -> None:
        """End before a day; what had not started by then never does."""
        if self.end_on is None or on < self.end_on:
            self.end_on = max(on, self.start_on)


class TermSpan(Struct, frozen=True, gc=False):
    """A contract term: from when, for how many months (0: none), and the notice that holds."""

    start_on: date
    minimum_months: int
    notice_days: int

    @property
    def until(self) -> date | None:
        """The first day after the minimum, None without one."""
        if not self.minimum_months:
            return None
        return Schedule(self.start_on, Interval("month", self.minimum_months)).boundary(1)


class AddressFrom(Struct, frozen=True, gc=False):
    """Another delivery address from a day on; None is that of who uses the subscription."""

    on: date
    address_id: UUID | None


class Life(Struct):
    """What a history comes to: items, how time is cut, pauses, discounts, terms and the end.

    `first_cadence` is the one it was begun with, as if no trial came first; an item that goes by
    another says so in its course. `trial_until` is the first day after its trial. What is withdrawn
    is undone, though it may run for some days yet.
    """

    subscription_id: UUID
    start_on: date
    zone: str
    cadence: Cadence
    first_cadence: Cadence
    trial_until: date
    terms: PlanTerms
    currency: str = ""
    includes_tax: bool = True
    billed_from: date | None = None
    end_on: date | None = None
    is_withdrawn: bool = False
    first_group_id: UUID | None = None
    group_id: UUID | None = None
    payer_id: UUID | None = None
    items: list[LifeItem] = []
    pauses: list[Pause] = []
    zones: list[ZoneFrom] = []
    discounts: list[StandingDiscount] = []
    spans: list[TermSpan] = []
    skips: list[date] = []
    addresses: list[AddressFrom] = []

    def address_at(self, day: date) -> UUID | None:
        """Where deliveries of a day go, None: to the address of who uses the subscription."""
        return next((one.address_id for one in reversed(self.addresses) if one.on <= day), None)

    def live(self, kind: str, day: date, code: str = "") -> list[LifeItem]:
        """The items of a kind (and of a code, unless empty) that run on a day or lie ahead."""
        return [
            item
            for item in self.items
            if item.kind == kind
            and (not code or item.code == code)
            and (item.runs(day) or item.is_ahead(day))
        ]

    def plan_at(self, day: date) -> LifeItem | None:
        """The plan's item that runs on a day, or None."""
        return next((one for one in self.items if one.kind == PLAN and one.runs(day)), None)

    def pause_at(self, day: date) -> Pause | None:
        """The pause that a day lies in, or None."""
        return next(
            (
                pause
                for pause in self.pauses
                if pause.start <= day and (pause.end is None or day < pause.end)
            ),
            None,
        )
