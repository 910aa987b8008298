"""A command on a life, decided: the events that it comes to, or a refusal that says why."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kesto.core.changes import command as ask
from kesto.core.changes import currency, delivery, discount, ending, plan, time
from kesto.core.changes.checks import check_command, check_events
from kesto.core.changes.command import CallOff, ChangeCurrency, Command, Keep, Transfer
from kesto.core.changes.shop import Shop, refuse_ended
from kesto.core.history import SubscriptionEvent, Told
from kesto.core.life import Life
from kesto.core.play import play

_DECISIONS: Mapping[type, Callable[[Life, Any, Shop], list[SubscriptionEvent]]] = {
    ask.ChangePlan: plan.change_plan,
    ask.ChangeQuantity: plan.change_quantity,
    ask.AddAddOn: plan.add_add_on,
    ask.RemoveAddOn: plan.remove_add_on,
    ask.AddExtra: plan.add_extra,
    ask.Pause: time.pause,
    ask.Resume: time.resume,
    ask.Transfer: time.transfer,
    ask.ChangeCurrency: currency.change_currency,
    ask.ChangeBillingDay: time.change_billing_day,
    ask.ChangeZone: time.change_zone,
    ask.Cancel: ending.cancel,
    ask.Withdraw: ending.withdraw,
    ask.Renew: ending.renew,
    ask.GiveCoupon: discount.give_coupon,
    ask.EndDiscount: discount.end_discount,
    ask.SkipDelivery: delivery.skip_delivery,
    ask.UnskipDelivery: delivery.unskip_delivery,
    ask.ChangeAddress: delivery.change_address,
}


def decide(told: Sequence[Told], command: Command, shop: Shop) -> list[SubscriptionEvent]:
    """The events that a command comes to for a subscription with this history. Raises Refused."""
    check_command(command)
    events = _decided(list(told), command, shop)
    check_events(events)
    return events


def _decided(told: list[Told], command: Command, shop: Shop) -> list[SubscriptionEvent]:
    life = play(told)
    if isinstance(command, Keep):
        return ending.keep(life, told, shop)
    if isinstance(command, CallOff):
        return time.call_off(told, command, shop)
    refuse_ended(life, shop.today)
    if not isinstance(command, Transfer | ChangeCurrency):  # these know the currency after all
        shop = currency.shop_on(told, command, shop)
    events = _DECISIONS[type(command)](life, command, shop)
    currency.refuse_out_of_order(told, events)
    return events
