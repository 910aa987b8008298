"""Pay out: a customer gets credit that they paid for back to their bank account."""

from datetime import datetime, timedelta
from uuid import UUID

from stdnum import iban as iban_number

from kesto.core import ledger
from kesto.core.calendar import local_date
from kesto.core.refusals import Conflict, Invalid, NotAllowed, NotFound, Refused, RefusedTogether
from kesto.core.wallets import Due, WalletKey, paid_from
from kesto.store import audit, bank, by_hand, journal, merchants, payouts
from kesto.store.ids import new_id, new_ids
from kesto.store.journal import Entry
from kesto.store.payouts import Payout
from kesto.store.session import Session, crash_point, writing

LONGEST_REASON = 200


def pay_out(
    merchant_id: UUID,
    customer_id: UUID,
    amount_minor: int,
    iban: str,
    reason: str,
    now: datetime,
    actor: str,
) -> Payout:
    """Take credit out of the wallet and ask for its transfer; a person makes it at the bank.

    Credit that was given is no money and is not paid out. Raises NotFound for an unknown customer,
    Invalid for a wrong field, RefusedTogether for several, Conflict for more than is left,
    NotAllowed when today is in a closed month.
    """
    with writing(merchant_id) as session:
        if by_hand.buyer_of(session, customer_id) is None:
            raise NotFound("there is no such customer", code="unknown_customer", field="customer")
        refusals = _refusals(amount_minor, iban, reason)
        if refusals:
            raise refusals[0] if len(refusals) == 1 else RefusedTogether(refusals)
        entity = merchants.billing_entities(session)[0]
        today = local_date(now, entity.zone)
        closed = merchants.merchant(session).closed_through
        if closed is not None and today <= closed:
            raise NotAllowed(f"the books are closed through {closed}", code="month_closed")
        key = WalletKey(customer_id, entity.id, entity.currency)
        (parts,) = paid_from(payouts.lock_paid(session, key), [Due(key, amount_minor, today)])
        if sum(part.amount_minor for part in parts) < amount_minor:
            raise Conflict(
                "this is more than is left of what the customer paid; pay back less",
                code="above_credit",
                field="amount",
            )
        own = new_id()
        one = Payout(
            *(own, customer_id, entity.id, entity.currency, amount_minor),
            *(str(iban_number.compact(iban)), f"PO{own.hex[-10:].upper()}", reason.strip()),
            *("asked", today),
        )
        payouts.add(session, one, {part.grant.id: part.amount_minor for part in parts}, now)
        crash_point("pay_out.before_booking")
        postings = ledger.payout(amount_minor, entity.currency)
        journal.book(session, [Entry(own, "payout", entity.id, customer_id, today, postings)], now)
        data = {"payout": own, "customer": customer_id, "amount_minor": amount_minor}
        audit.record(session, "pay_out", data, now, actor)
        crash_point("pay_out.before_commit")
    return one


def mark_paid_out(merchant_id: UUID, payout_id: UUID, now: datetime, actor: str) -> None:
    """A person says that a payout has left; the bank's entry is booked when its file comes.

    Raises NotFound when it does not wait (any more).
    """
    with writing(merchant_id) as session:
        if not payouts.mark_paid(session, payout_id):
            raise NotFound("this payout is paid already", code="unknown_payout", field="payout")
        audit.record(session, "mark_paid_out", {"payout": payout_id}, now, actor)


def clear_payouts(session: Session, now: datetime) -> int:
    """Match what left the bank account with the payouts that it names, within a flow."""
    found = payouts.named_in_bank(session)
    if not found:
        return 0
    cleared = [*zip(new_ids(len(found)), found, strict=True)]
    payouts.clear(session, cleared)
    closed = merchants.merchant(session).closed_through
    first_open_on = closed + timedelta(days=1) if closed else None
    entries = []
    for own, one in cleared:
        bank.mark_matched(session, one.transaction_id)
        booked_on = max(one.booked_on, first_open_on or one.booked_on)
        postings = ledger.payout_cleared(one.amount_minor, one.currency)
        entries.append(
            Entry(
                *(own, "payout_cleared", one.billing_entity_id, one.customer_id, booked_on),
                postings,
            )
        )
    journal.book(session, entries, now)
    return len(found)


def _refusals(amount_minor: int, iban: str, reason: str) -> list[Refused]:
    found: list[Refused] = []
    if amount_minor <= 0:
        found.append(Invalid("give an amount above zero", code="not_positive", field="amount"))
    if not iban_number.is_valid(iban):
        detail = "this is no account number (IBAN); check its digits"
        found.append(Invalid(detail, code="bad_iban", field="iban"))
    if not reason.strip():
        found.append(Invalid("say why it is paid back", code="missing", field="reason"))
    elif len(reason) > LONGEST_REASON or not reason.strip().isprintable():
        detail = f"write one line of up to {LONGEST_REASON} characters"
        found.append(Invalid(detail, code="bad_text", field="reason"))
    return found
