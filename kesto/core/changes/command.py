"""What can be asked of a subscription, in the merchant's own codes; `action` names it in JSON.

`on` is the first day of what is new. Without it `when` decides: `now`, `period_end` (the next
boundary of the plan's periods), or nothing: now, and for a cheaper plan or fewer seats the end of
the period.
"""

from datetime import date
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from kesto.core.calendar import Alignment

When = Literal["", "now", "period_end"]


class ChangePlan(
    Struct, frozen=True, tag="change_plan", tag_field="action", forbid_unknown_fields=True
):
    """Go over to another plan, or to another version of it (0: the newest)."""

    plan: str
    version: int = 0
    quantity: Decimal | None = None
    on: date | None = None
    when: When = ""
    is_migration: bool = False


class ChangeQuantity(
    Struct, frozen=True, tag="change_quantity", tag_field="action", forbid_unknown_fields=True
):
    """Take another quantity of the plan (`add_on` empty) or of an add-on."""

    quantity: Decimal
    add_on: str = ""
    on: date | None = None
    when: When = ""


class AddAddOn(
    Struct, frozen=True, tag="add_add_on", tag_field="action", forbid_unknown_fields=True
):
    """Take an add-on as well."""

    add_on: str
    quantity: Decimal = Decimal(1)
    on: date | None = None
    when: When = ""


class RemoveAddOn(
    Struct, frozen=True, tag="remove_add_on", tag_field="action", forbid_unknown_fields=True
):
    """Give up an add-on."""

    add_on: str
    on: date | None = None
    when: When = ""


class Pause(Struct, frozen=True, tag="pause", tag_field="action", forbid_unknown_fields=True):
    """Pause from a day on, to before `until`; `percent` None: what the contract says."""

    on: date | None = None
    until: date | None = None
    percent: Decimal | None = None
    when: When = ""


class Resume(Struct, frozen=True, tag="resume", tag_field="action", forbid_unknown_fields=True):
    """End a pause."""

    on: date | None = None


class Cancel(Struct, frozen=True, tag="cancel", tag_field="action", forbid_unknown_fields=True):
    """Give notice; `last_day` asks for a day of one's own choice.

    Before the contract's own last day it needs `waives_notice` (staff), or it costs what the
    contract says about leaving early (`leaves_early`).
    """

    notice_on: date | None = None
    last_day: date | None = None
    when: When = ""
    reason: str = ""
    waives_notice: bool = False
    leaves_early: bool = False


class Keep(Struct, frozen=True, tag="keep", tag_field="action", forbid_unknown_fields=True):
    """Take a notice back before the last day."""


class Withdraw(Struct, frozen=True, tag="withdraw", tag_field="action", forbid_unknown_fields=True):
    """Undo the contract by the right of withdrawal."""

    on: date | None = None
    pays_for_use: bool = True


class Renew(Struct, frozen=True, tag="renew", tag_field="action", forbid_unknown_fields=True):
    """Begin a further term where the last one ends (None: the contract's renewal months)."""

    months: int | None = None


class Transfer(Struct, frozen=True, tag="transfer", tag_field="action", forbid_unknown_fields=True):
    """Let another customer pay."""

    payer: str
    on: date | None = None
    when: When = ""


class ChangeCurrency(
    Struct, frozen=True, tag="change_currency", tag_field="action", forbid_unknown_fields=True
):
    """Buy from the price list of another currency, as a rule from the next period on."""

    currency: str
    on: date | None = None
    when: When = ""


class ChangeBillingDay(
    Struct, frozen=True, tag="change_billing_day", tag_field="action", forbid_unknown_fields=True
):
    """Cut time otherwise."""

    alignment: Alignment = "billing_day"
    billing_day: int = 0
    anchor: date | None = None
    on: date | None = None
    when: When = ""


class ChangeZone(
    Struct, frozen=True, tag="change_zone", tag_field="action", forbid_unknown_fields=True
):
    """Count days by another time zone."""

    zone: str
    on: date | None = None


class GiveCoupon(
    Struct, frozen=True, tag="give_coupon", tag_field="action", forbid_unknown_fields=True
):
    """Give a coupon, by its code or by one that is typed in."""

    coupon: str
    on: date | None = None
    is_for_all: bool = False


class EndDiscount(
    Struct, frozen=True, tag="end_discount", tag_field="action", forbid_unknown_fields=True
):
    """End a discount from the period that starts on or after a day."""

    coupon: str
    on: date | None = None


class AddExtra(
    Struct, frozen=True, tag="add_extra", tag_field="action", forbid_unknown_fields=True
):
    """Sell something once, on the next invoice; `texts` by language."""

    product: str
    unit_amount: Decimal
    quantity: Decimal = Decimal(1)
    texts: dict[str, str] = {}
    on: date | None = None


class SkipDelivery(
    Struct, frozen=True, tag="skip_delivery", tag_field="action", forbid_unknown_fields=True
):
    """Skip what is delivered on a day.

    After the cut-off, more often than agreed, or where the plan knows no skipping it needs
    `waives_terms` (staff).
    """

    on: date
    waives_terms: bool = False


class UnskipDelivery(
    Struct, frozen=True, tag="unskip_delivery", tag_field="action", forbid_unknown_fields=True
):
    """Have delivered what was skipped; after the cut-off it needs `waives_terms` (staff)."""

    on: date
    waives_terms: bool = False


class ChangeAddress(
    Struct, frozen=True, tag="change_address", tag_field="action", forbid_unknown_fields=True
):
    """Have deliveries go elsewhere from a day on; without one as soon as the cut-off allows it.

    A new address is given by its fields; `address` names one from before by its id, and `is_own`
    is that of who uses the subscription. After a cut-off it needs `waives_terms` (staff).
    """

    name: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = "FI"
    phone: str = ""
    address: str = ""
    is_own: bool = False
    on: date | None = None
    waives_terms: bool = False


class CallOff(Struct, frozen=True, tag="call_off", tag_field="action", forbid_unknown_fields=True):
    """Call off a change that lies ahead; `event` is its number."""

    event: int


Command = (
    ChangePlan
    | ChangeQuantity
    | AddAddOn
    | RemoveAddOn
    | Pause
    | Resume
    | Cancel
    | Keep
    | Withdraw
    | Renew
    | Transfer
    | ChangeCurrency
    | ChangeBillingDay
    | ChangeZone
    | GiveCoupon
    | EndDiscount
    | AddExtra
    | SkipDelivery
    | UnskipDelivery
    | ChangeAddress
    | CallOff
)
