"""One subscription in the simulated office, asked and billed by hand."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from kesto.core.calendar import Alignment
from kesto.core.changes import Command, plan_items
from kesto.core.changes.shop import add_on_item
from kesto.core.history import Subscribed, SubscriptionEvent
from tests.simulator import oracle
from tests.simulator.wares import ADD_ONS, PLANS
from tests.simulator.world import Member, World, noon

AINO, VEIKKO, SAARA = (UUID(int=10 + place) for place in range(3))
"""The billing groups; a transfer names them by place: "0", "1", "2"."""


class Story:
    """A subscription of Aino's that begins on a day, in an office that looks at every bill."""

    def __init__(
        self,
        plan: str = "plus",
        on: str = "2027-10-01",
        *,
        quantity: str = "1",
        add_ons: tuple[str, ...] = (),
        alignment: Alignment = "anniversary",
        billing_day: int = 0,
        anchor: str | None = None,
        zone: str = "Europe/Helsinki",
    ) -> None:
        start_on = day(on)
        self.world = World(3, noon(start_on))
        version = PLANS[plan][-1]
        items, cadence_on = plan_items(version, start_on, Decimal(quantity), self.world.new_id)
        items += tuple(
            add_on_item(ADD_ONS[code][-1], Decimal(1), self.world.new_id) for code in add_ons
        )
        event = Subscribed(
            start_on=start_on,
            alignment=alignment,
            items=items,
            billing_day=billing_day,
            anchor=None if anchor is None else day(anchor),
            zone=zone,
            terms=version.terms,
            cadence_on=None if cadence_on == start_on else cadence_on,
            currency="EUR",
        )
        self.member: Member = self.world.subscribe(AINO, event)

    def asks(
        self, command: Command, on: str | None = None, *, is_staff: bool = True
    ) -> list[SubscriptionEvent]:
        """Ask for a change, on a day; answers the events that it came to."""
        if on is not None:
            self.world.moves_to(noon(day(on)))
        events = self.world.decide(self.member, command, is_staff=is_staff)
        self.world.carry_out(self.member, command, events)
        return events

    def bills(self, on: str, group: UUID | None = None) -> list[list[int]]:
        """The amounts on each invoice of a day (of one group only, where it is named)."""
        self.world.moves_to(noon(day(on)))
        made = self.world.bill(day(on))
        oracle.billed_is_what_is_due(self.world)
        oracle.rerun_adds_nothing(self.world, day(on))
        oracle.totals_add_up(made)
        return [
            [line.rated.amount_minor for line in invoice.draft.lines]
            for invoice in made
            if group in {None, invoice.group_id}
        ]


def day(text: str) -> date:
    """A day as it is written."""
    return date.fromisoformat(text)
