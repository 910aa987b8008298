"""Credit grants: credit that customers have, each amount with its rules."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from kesto.api.faults import READS, WRITES
from kesto.api.keys import Bearer, actor_of, holder, now_of
from kesto.api.once import REQUIRED, Made, once
from kesto.api.paging import PageAsked, cut, window_of
from kesto.api.schema import Schema
from kesto.api.values import Day, Flag, Given, Name, Required, amount, own_id
from kesto.core.money import parse_minor
from kesto.core.wallets import GIVEN
from kesto.flows.give_credit import MOST_PRIORITY, USUAL_PRIORITY, NewCredit, give_credit
from kesto.store import grants as read
from kesto.store import merchants
from kesto.store.api import grants as store
from kesto.store.api.listing import id_of
from kesto.store.grants import Granted
from kesto.store.session import Session, reading

router = Router(tags=["credit grants"])
Kind = Literal["given", "paid"]
Origin = Literal["staff", "overpayment", "credit_note", "balance"]


class CreditUse(Schema):
    """What a grant paid of an invoice, or what of it came off the invoice before tax."""

    invoice: str
    issued_on: date
    amount: str


class CreditGrant(Schema):
    """An amount of credit; `left` of it pays the customer's next invoices.

    `paid` is the customer's money, `given` costs the merchant when it is used. What is given
    `before_tax` comes off the lines of the next invoices before their VAT, as a discount does.
    Grants are used by `priority` (lower first), then what expires first, then the oldest.
    `expires_on` is the last day; what has expired is `expired`.
    """

    id: str
    customer: str
    kind: Kind
    before_tax: bool
    origin: Origin
    reason: str
    priority: int
    valid_from: date | None
    expires_on: date | None
    currency: str
    amount: str
    used: str
    expired: str
    left: str
    created_at: datetime
    uses: list[CreditUse] | None = None


class CreditGrantPage(Schema):
    """A page of credit grants."""

    items: list[CreditGrant]
    next_cursor: str | None


class GrantsAsked(PageAsked):
    """Which grants. `customer` is its id or external id; `is_left` those with something left."""

    customer: Name | None = None
    kind: Kind | None = None
    is_left: bool | None = None


class NewGrant(Given):
    """Credit to give. `paid` was paid past the bank's files and never expires.

    With `before_tax` it comes off the lines of the next invoices before their VAT, in the amounts
    that these count in: without VAT where prices are without, else with it. Only what is `given`.
    """

    customer: Required
    amount: Required
    reason: Required
    kind: Kind = "given"
    before_tax: Flag = False
    currency: Annotated[
        Name | None, Field(description="One that they are billed in; by default the seller's.")
    ] = None
    priority: Annotated[int, Field(ge=0, le=MOST_PRIORITY, strict=True)] = USUAL_PRIORITY
    valid_from: Day | None = None
    expires_on: Day | None = None


@router.get(
    "/credit_grants",
    operation_id="list_credit_grants",
    auth=Bearer("read"),
    response={200: CreditGrantPage, **READS},
    summary="List credit grants",
)
def list_credit_grants(request: HttpRequest, asked: Query[GrantsAsked]) -> dict[str, Any]:
    """The newest first."""
    window = window_of(request, asked)
    with reading(holder(request).merchant_id) as session:
        wanted = {
            "customer_id": id_of(session, "customer", asked.customer) if asked.customer else None,
            "kind": asked.kind,
            store.IS_LEFT: asked.is_left,
        }
        found = store.grants(session, wanted, window)
        rows, cursor = cut(found, window.limit, lambda row: row.id)
    return {"items": [_shown(row) for row in rows], "next_cursor": cursor}


@router.post(
    "/credit_grants",
    operation_id="give_credit",
    auth=Bearer("write"),
    response={201: CreditGrant, **WRITES},
    summary="Give credit",
    openapi_extra=REQUIRED,
)
def give(request: HttpRequest, body: NewGrant) -> HttpResponse:
    """It pays the customer's next invoices when they are issued, or comes off them before tax."""

    def work(session: Session) -> Made:
        own = id_of(session, "customer", body.customer)
        currency = body.currency or merchants.billing_entities(session)[0].currency
        wanted = NewCredit(
            kind=body.kind,
            amount_minor=parse_minor(body.amount, currency),
            reason=body.reason,
            priority=body.priority,
            valid_from=body.valid_from,
            expires_on=body.expires_on,
            before_tax=body.before_tax,
            currency=currency,
        )
        now = now_of(merchants.merchant(session))
        grant_id = give_credit(session.merchant_id, own, wanted, now, actor_of(request))
        return Made(201, _read(session, [grant_id]), grant_id)

    return once(request, work)


@router.get(
    "/credit_grants/{credit_grant}",
    operation_id="get_credit_grant",
    auth=Bearer("read"),
    response={200: CreditGrant, **READS},
    summary="Read a credit grant",
)
def get(request: HttpRequest, credit_grant: str) -> CreditGrant:
    """By its id, with the invoices that it paid."""
    with reading(holder(request).merchant_id) as session:
        return _read(session, [store.grant(session, credit_grant).id])


def _read(session: Session, ids: Sequence[UUID]) -> CreditGrant:
    (row,) = store.by_id(session, ids).values()
    uses = [
        CreditUse(
            invoice=one.number,
            issued_on=one.invoice_on,
            amount=amount(one.amount_minor, row.currency),
        )
        for one in read.uses(session, ids)
    ]
    return _shown(row, uses)


def _shown(row: Granted, uses: list[CreditUse] | None = None) -> CreditGrant:
    return CreditGrant(
        id=own_id("credit_grant", row.id),
        customer=own_id("customer", row.customer_id),
        kind="given" if row.kind == GIVEN else "paid",
        before_tax=row.before_tax,
        origin=row.origin,  # type: ignore[arg-type]  # one of those that are written
        reason=row.reason,
        priority=row.priority,
        valid_from=row.valid_from,
        expires_on=row.expires_on,
        currency=row.currency,
        amount=amount(row.amount_minor, row.currency),
        used=amount(row.used_minor, row.currency),
        expired=amount(row.expired_minor, row.currency),
        left=amount(row.left_minor, row.currency),
        created_at=row.created_at,
        uses=uses,
    )
