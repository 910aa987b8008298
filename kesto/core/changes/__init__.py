"""Changes of a subscription: commands, and the events that they come to or the refusal."""

from kesto.core.changes.command import (
    AddAddOn,
    AddExtra,
    CallOff,
    Cancel,
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
    Transfer,
    Withdraw,
)
from kesto.core.changes.decide import decide
from kesto.core.changes.shop import Payer, Shop, plan_items

__all__ = [
    "AddAddOn",
    "AddExtra",
    "CallOff",
    "Cancel",
    "ChangeBillingDay",
    "ChangePlan",
    "ChangeQuantity",
    "ChangeZone",
    "Command",
    "EndDiscount",
    "GiveCoupon",
    "Keep",
    "Pause",
    "Payer",
    "RemoveAddOn",
    "Renew",
    "Resume",
    "Shop",
    "Transfer",
    "Withdraw",
    "decide",
    "plan_items",
]
