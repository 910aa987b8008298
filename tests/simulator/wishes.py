"""Each command with what chance may ask in it."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

from kesto.core.calendar import Alignment
from kesto.core.changes import (
    AddAddOn,
    AddExtra,
    CallOff,
    Cancel,
    ChangeAddress,
    ChangeBillingDay,
    ChangePlan,
    ChangeQuantity,
    ChangeZone,
    Command,
    EndDiscount,
    GiveCoupon,
    Keep,
    Pause,
    RemoveAddOn,
    Renew,
    Resume,
    SkipDelivery,
    Transfer,
    UnskipDelivery,
    Withdraw,
)
from kesto.core.changes.command import When
from kesto.core.deliveries import delivered_items, deliveries
from kesto.core.life import ADD_ON
from tests.simulator.wares import ADD_ONS, COUPONS, PLANS, PRODUCTS, ZONES
from tests.simulator.world import Member, World

ALIGNMENTS: tuple[Alignment, ...] = ("anniversary", "calendar", "billing_day", "anchor")
QUANTITIES = tuple(map(Decimal, ("1", "2", "3", "5", "2.5", "10")))
PERCENTS = (None, Decimal(0), Decimal(50), Decimal(100))
AMOUNTS = tuple(map(Decimal, ("12.345", "5", "0", "-3", "100")))
TWO_MONTHS = timedelta(days=60)
METERED = [code for code, found in PLANS.items() if any(one.meter for one in found[-1].prices)]
WHENS: tuple[When, ...] = ("", "now", "period_end")


class Asked(NamedTuple):
    """What a command is made from: chance, whose it is, and the day that was drawn for it."""

    random: Random
    world: World
    member: Member
    on: date | None
    when: When
    special: Callable[[date], date]

    def ahead(self, first: int, last: int) -> date:
        """A day so many days ahead."""
        return self.world.today + timedelta(days=self.random.randrange(first, last))

    def add_ons(self) -> list[str]:
        """The add-ons that run or lie ahead."""
        return [item.code for item in self.member.life().live(ADD_ON, self.world.today)]


def any_plan(random: Random) -> str:
    """A plan, the metered ones more often than others."""
    return random.choice(METERED if random.random() < 0.2 else sorted(PLANS))


def change_plan(asked: Asked) -> ChangePlan:
    code = any_plan(asked.random)
    version = asked.random.choice(PLANS[code]).version
    quantity = asked.random.choice((None, None, *QUANTITIES))
    return ChangePlan(code, version, quantity, asked.on, asked.when)


def change_quantity(asked: Asked) -> ChangeQuantity:
    add_on = asked.random.choice(["", "", *asked.add_ons()])
    return ChangeQuantity(asked.random.choice(QUANTITIES), add_on, asked.on, asked.when)


def add_add_on(asked: Asked) -> AddAddOn:
    add_on = asked.random.choice(sorted(ADD_ONS))
    return AddAddOn(add_on, asked.random.choice(QUANTITIES), asked.on, asked.when)


def remove_add_on(asked: Asked) -> RemoveAddOn:
    add_on = asked.random.choice(asked.add_ons() or ["safety"])
    return RemoveAddOn(add_on, asked.on, asked.when)


def pause(asked: Asked) -> Pause:
    until = (asked.on or asked.world.today) + timedelta(days=asked.random.randrange(1, 70))
    percent = asked.random.choice(PERCENTS)
    return Pause(asked.on, asked.random.choice((until, None)), percent, asked.when)


def resume(asked: Asked) -> Resume:
    days = [one.start for one in asked.member.life().pauses] or [asked.world.today]
    near = asked.random.choice(days) + timedelta(days=asked.random.randrange(1, 40))
    return Resume(asked.random.choice((asked.on, near, near)))


def cancel(asked: Asked) -> Cancel:
    waives, early = asked.random.choice(((True, False), (False, True), (False, False)))
    return Cancel(
        last_day=asked.random.choice((None, asked.ahead(0, 60))),
        when=asked.random.choice(("", "period_end")),
        waives_notice=waives,
        leaves_early=early,
    )


def change_billing_day(asked: Asked) -> ChangeBillingDay:
    alignment = asked.random.choice(ALIGNMENTS)
    return ChangeBillingDay(
        alignment,
        asked.random.choice((1, 14, 28, 29, 30, 31)) if alignment == "billing_day" else 0,
        asked.special(date(2027, 6, 1)) if alignment == "anchor" else None,
        asked.on,
        asked.when,
    )


def give_coupon(asked: Asked) -> GiveCoupon:
    is_for_all = asked.random.random() < 0.2
    return GiveCoupon(asked.random.choice(sorted(COUPONS)), asked.on, is_for_all)


def end_discount(asked: Asked) -> EndDiscount:
    codes = [one.code for one in asked.member.life().discounts] or ["ten"]
    return EndDiscount(asked.random.choice(codes), asked.on)


def add_extra(asked: Asked) -> AddExtra:
    amount, quantity = asked.random.choice(AMOUNTS), asked.random.choice(QUANTITIES)
    return AddExtra(asked.random.choice(sorted(PRODUCTS)), amount, quantity, {}, asked.on)


def call_off(asked: Asked) -> CallOff:
    ahead = [one.seq for one in asked.member.told if one.event.on > asked.world.today]
    return CallOff(asked.random.choice(ahead or [0]))


def transfer(asked: Asked) -> Transfer:
    payer = asked.random.randrange(len(asked.world.groups))
    return Transfer(str(payer), asked.on, asked.when)


def skip_delivery(asked: Asked) -> SkipDelivery:
    today = asked.world.today
    coming = deliveries(delivered_items(asked.member.life()), today, today + TWO_MONTHS)
    days = [one.on for one in coming] or [today]
    return SkipDelivery(asked.random.choice(days), waives_terms=asked.random.random() < 0.5)


def unskip_delivery(asked: Asked) -> UnskipDelivery:
    days = asked.member.life().skips or [asked.world.today]
    return UnskipDelivery(asked.random.choice(days), waives_terms=asked.random.random() < 0.7)


def change_address(asked: Asked) -> ChangeAddress:
    if asked.random.random() < 0.3:
        return ChangeAddress(is_own=True, on=asked.on, waives_terms=True)
    return ChangeAddress("Aino", "Rantatie 1", "39100", "Kyrö", on=asked.on, waives_terms=True)


WISHES: Mapping[str, Callable[[Asked], Command]] = {
    "change_plan": change_plan,
    "change_quantity": change_quantity,
    "add_add_on": add_add_on,
    "remove_add_on": remove_add_on,
    "pause": pause,
    "resume": resume,
    "cancel": cancel,
    "keep": lambda _: Keep(),
    "withdraw": lambda asked: Withdraw(
        asked.ahead(0, 45), pays_for_use=asked.random.random() < 0.7
    ),
    "renew": lambda asked: Renew(asked.random.choice((None, 0, 1, 3))),
    "transfer": transfer,
    "change_billing_day": change_billing_day,
    "change_zone": lambda asked: ChangeZone(asked.random.choice(ZONES), asked.on),
    "give_coupon": give_coupon,
    "end_discount": end_discount,
    "add_extra": add_extra,
    "skip_delivery": skip_delivery,
    "unskip_delivery": unskip_delivery,
    "change_address": change_address,
    "call_off": call_off,
}
