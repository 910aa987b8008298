"""Orders: what a new subscription is asked for with."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from kesto.api.values import Day, Given, Name, Quantity, Required
from kesto.core.calendar import Alignment
from kesto.core.refusals import Invalid
from kesto.core.subscription import NewSubscription as Order
from kesto.core.subscription import Term
from kesto.store.api.customers import by_id
from kesto.store.api.listing import id_of
from kesto.store.ids import new_id
from kesto.store.session import Session


class NewSubscription(Given):
    """A new subscription.

    People are named by id or external id; `payer` and `user` are the holder unless said otherwise.
    Plan and add-ons are named by code; the newest version counts unless `plan_version` says which.
    `currency` chooses among price lists; by default it is the payer's, where there is one in it.
    What was agreed about staying is as the plan has it unless
    `minimum_months` or `notice_days` say otherwise. `end_on` is the first day
    without it. `billed_from` is for a subscription that was billed elsewhere until then.
    With `is_consolidated` false it is billed on invoices of its own. A `coupon` is given with it,
    by its code or by one that subscribers type in.
    """

    external_id: Required
    holder: Required
    payer: Name = ""
    user: Name = ""
    plan: Required
    plan_version: Annotated[int, Field(ge=1, lt=2**31, strict=True)] | None = None
    currency: Name = ""
    add_ons: Annotated[list[Required], Field(max_length=100)] = []
    quantity: Quantity = Decimal(1)
    start_on: Day
    end_on: Day | None = None
    alignment: Alignment = "anniversary"
    billing_day: Annotated[int, Field(ge=1, le=31, strict=True)] | None = None
    anchor: Day | None = None
    zone: Name = ""
    billed_from: Day | None = None
    minimum_months: Annotated[int, Field(ge=0, le=120, strict=True)] | None = None
    notice_days: Annotated[int, Field(ge=0, le=3650, strict=True)] | None = None
    is_consolidated: Annotated[bool, Field(strict=True)] = True
    coupon: Name = ""


def check_order(body: NewSubscription) -> None:
    """Refuse what can't be true together, whatever is there. Raises Invalid."""
    for name in ("billing_day", "anchor"):
        if body.alignment != name and getattr(body, name) is not None:
            detail = f"{name} needs the alignment {name}, but that is {body.alignment}"
            raise Invalid(detail, code="bad_value", field=name)


def order_of(session: Session, body: NewSubscription) -> Order:
    """The order that a body places. Raises NotFound for people that are not there."""
    return Order(
        id=new_id(),
        external_id=body.external_id,
        holder=_person(session, body.holder, "holder"),
        payer=_person(session, body.payer, "payer"),
        user=_person(session, body.user, "user"),
        plan=body.plan,
        plan_version=body.plan_version or 0,
        currency=body.currency,
        add_ons=tuple(body.add_ons),
        quantity=body.quantity,
        start_on=body.start_on,
        end_on=body.end_on,
        alignment=body.alignment,
        billing_day=body.billing_day or 0,
        anchor=body.anchor,
        zone=body.zone,
        billed_from=body.billed_from,
        term=Term(body.minimum_months, body.notice_days),
        is_consolidated=body.is_consolidated,
        coupon=body.coupon,
    )


def _person(session: Session, text: str, field: str) -> str:
    """The external id of who is named, as orders name people."""
    if not text:
        return ""
    own = id_of(session, "customer", text, field)
    return by_id(session, [own])[own].external_id
