"""Give credit: staff puts an amount into a customer's wallet, with a reason and its rules."""

from collections.abc import Collection, Iterator
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from kesto.core import ledger
from kesto.core.billing import BillingEntity
from kesto.core.calendar import local_date
from kesto.core.refusals import Conflict, Invalid, NotAllowed, NotFound, Refused, RefusedTogether
from kesto.core.wallets import GIVEN, PAID, WalletKey
from kesto.store import audit, by_hand, grants, journal, merchants, wallets
from kesto.store.ids import new_id
from kesto.store.journal import Entry
from kesto.store.session import Session, crash_point, reading, writing
from kesto.store.wallets import NewGrant

KINDS = (GIVEN, PAID)
USUAL_PRIORITY = 100
MOST_PRIORITY = 1_000
MOST_MINOR = 10**15
LONGEST_REASON = 200


class NewCredit(Struct, frozen=True, kw_only=True):
    """Credit as it is asked for; without `expires_on` it never expires, lower `priority` first.

    `given` costs the merchant when it is used; `paid` is money that the customer paid past the
    bank's files, such as for a prepaid package. What is given `before_tax` comes off an invoice's
    lines before its VAT, instead of paying the invoice.
    """

    kind: str
    amount_minor: int
    reason: str
    priority: int = USUAL_PRIORITY
    valid_from: date | None = None
    expires_on: date | None = None
    before_tax: bool = False
    currency: str = ""


class CreditGiven(Struct, frozen=True):
    """What is put into the wallet, and what is in it then."""

    grant: NewGrant
    balance_minor: int


def preview_gift(
    merchant_id: UUID,
    customer_id: UUID,
    wanted: NewCredit,
    now: datetime,
    *,
    limit_minor: int | None = None,
) -> CreditGiven:
    """What `give_credit` would do; reads only, and refuses what it refuses."""
    with reading(merchant_id) as session:
        grant, _ = _decided(session, customer_id, wanted, now, limit_minor)
        before_minor = grants.balance_minor(session, grant.key)
        return CreditGiven(grant, before_minor + grant.amount_minor)


def give_credit(
    merchant_id: UUID,
    customer_id: UUID,
    wanted: NewCredit,
    now: datetime,
    actor: str,
    *,
    limit_minor: int | None = None,
    grant_id: UUID | None = None,
) -> UUID:
    """Put credit into a customer's wallet; answers the grant, which may be named beforehand.

    A grant of the same id is refused (Conflict), so that a form sent twice gives once. Raises
    NotFound for an unknown customer, Invalid for a wrong field, RefusedTogether for several,
    NotAllowed above the limit of who gives it.
    """
    with writing(merchant_id) as session:
        grant, entity = _decided(session, customer_id, wanted, now, limit_minor, grant_id)
        if grants.is_known(session, grant.id):
            raise Conflict(
                "this credit is given already; begin anew to give more",
                code="given_already",
                field="once",
            )
        wallets.add(session, [grant], now)
        crash_point("give_credit.before_booking")
        if grant.kind == PAID:
            postings = ledger.credit_sold(grant.amount_minor, grant.key.currency)
            today = local_date(now, entity.zone)
            entry = Entry(grant.id, "credit_grant", entity.id, customer_id, today, postings)
            journal.book(session, [entry], now)
        data = {
            "customer": customer_id,
            "grant": grant.id,
            "kind": grant.kind,
            "amount_minor": grant.amount_minor,
            "before_tax": grant.before_tax,
            "reason": grant.reason,
        }
        audit.record(session, "give_credit", data, now, actor)
        crash_point("give_credit.before_commit")
    crash_point("give_credit.after_commit")
    return grant.id


def _decided(
    session: Session,
    customer_id: UUID,
    wanted: NewCredit,
    now: datetime,
    limit_minor: int | None,
    grant_id: UUID | None = None,
) -> tuple[NewGrant, BillingEntity]:
    if by_hand.buyer_of(session, customer_id) is None:
        raise NotFound("there is no such customer", code="unknown_customer", field="customer")
    entity = merchants.billing_entities(session)[0]
    today = local_date(now, entity.zone)
    billed_in = {entity.currency, *grants.currencies_of(session, customer_id)}
    refusals = [*_refusals(wanted, billed_in, today)]
    if refusals:
        raise refusals[0] if len(refusals) == 1 else RefusedTogether(refusals)
    if limit_minor is not None and wanted.amount_minor > limit_minor:
        raise NotAllowed(
            "this is more than you may give; ask finance or an owner",
            code="above_gift_limit",
            field="amount",
        )
    closed = merchants.merchant(session).closed_through
    if wanted.kind == PAID and closed is not None and today <= closed:
        raise NotAllowed(f"the books are closed through {closed}", code="month_closed")
    grant = NewGrant(
        id=grant_id or new_id(),
        key=WalletKey(customer_id, entity.id, wanted.currency or entity.currency),
        kind=wanted.kind,
        origin="staff",
        amount_minor=wanted.amount_minor,
        reason=wanted.reason.strip(),
        priority=wanted.priority,
        valid_from=wanted.valid_from,
        expires_on=wanted.expires_on,
        before_tax=wanted.before_tax,
    )
    return grant, entity


def _refusals(wanted: NewCredit, currencies: Collection[str], today: date) -> Iterator[Refused]:
    if wanted.kind not in KINDS:
        detail = f"{wanted.kind!r} is no kind of credit; say given or paid"
        yield Invalid(detail, code="bad_choice", field="kind")
    if wanted.currency and wanted.currency not in currencies:
        known = " or ".join(sorted(currencies))
        detail = f"the customer's invoices are in {known}; give credit in that"
        yield Invalid(detail, code="other_currency", field="currency")
    if not 0 < wanted.amount_minor <= MOST_MINOR:
        yield Invalid("give an amount above zero", code="not_positive", field="amount")
    if not wanted.reason.strip():
        detail = "say what the credit is for; the customer reads it"
        yield Invalid(detail, code="missing", field="reason")
    elif len(wanted.reason) > LONGEST_REASON or not wanted.reason.strip().isprintable():
        detail = f"write one line of up to {LONGEST_REASON} characters"
        yield Invalid(detail, code="bad_text", field="reason")
    if not 0 <= wanted.priority <= MOST_PRIORITY:
        detail = f"give a priority from 0 to {MOST_PRIORITY}"
        yield Invalid(detail, code="bad_count", field="priority")
    if wanted.kind == PAID and wanted.before_tax:
        detail = "what the customer paid for is money: it pays invoices, it is no discount"
        yield Invalid(detail, code="paid_is_no_discount", field="before_tax")
    yield from _refused_days(wanted, today)


def _refused_days(wanted: NewCredit, today: date) -> Iterator[Refused]:
    if wanted.expires_on is None:
        return
    if wanted.kind == PAID:
        detail = "credit that the customer paid for never expires; leave the day out"
        yield Invalid(detail, code="paid_never_expires", field="expires_on")
    elif wanted.expires_on < max(today, wanted.valid_from or today):
        detail = "it would expire before it can be used; give a later day"
        yield Invalid(detail, code="expires_too_early", field="expires_on")
