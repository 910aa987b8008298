"""Quote a change and confirm it: what was shown is what is carried out, or else a new quote."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.core.changes import (
    AddAddOn,
    ChangeAddress,
    ChangePlan,
    Command,
    SkipDelivery,
    UnskipDelivery,
    decide,
)
from kesto.core.ids import parsed
from kesto.core.refusals import Conflict, NotFound, Refused
from kesto.flows.change_subscription import (
    Changed,
    Proposal,
    carry_out,
    future_payer,
    lock,
    proposal,
    proposed_again,
)
from kesto.flows.keep_address import keep_address
from kesto.flows.preview_change import ChangePreview, GroupPreview, previewed
from kesto.store import quotes
from kesto.store.ids import new_id
from kesto.store.quotes import Quote
from kesto.store.session import Session, crash_point, writing
from kesto.store.shop import party

LASTS = timedelta(hours=24)


class Quoted(Struct, frozen=True):
    """A quote with the preview that it holds."""

    quote: Quote
    preview: ChangePreview


class Confirmed(Struct, frozen=True):
    """What confirming came to: the change, or a new quote because the old one no longer holds."""

    changed: Changed | None = None
    quoted: Quoted | None = None


def quote_change(
    merchant_id: UUID,
    subscription: str,
    command: Command,
    now: datetime,
    *,
    is_staff: bool = True,
) -> Quoted:
    """Decide a command and keep what it comes to for a day. Raises what the change would raise."""
    with writing(merchant_id) as session:
        return _quoted(session, subscription, command, now, is_staff=is_staff)


def confirm_quote(
    merchant_id: UUID, quote: str, now: datetime, actor: str, *, is_staff: bool = True
) -> Confirmed:
    """Carry out a quote exactly as it was shown, once.

    Where the subscription or a bill has changed since, or the quote is too old, nothing is
    carried out: the answer is a new quote. Confirming twice answers Conflict.
    """
    with writing(merchant_id) as session:
        kept = quotes.lock(session, parsed("quote", quote))
        if kept is None:
            raise _unknown(quote)
        if kept.confirmed_at is not None:
            raise Conflict(
                "this quote was carried out already", code="already_confirmed", field="quote"
            )
        found = party(session, f"sub_{kept.subscription_id.hex}")
        payer = future_payer(session, kept.command, found, is_writing=True)
        lock(session, found.id, payer)
        proposed = proposed_again(session, found, kept.events, now, payer, is_staff=is_staff)
        is_in_time = _is_in_time(proposed, kept)
        preview = previewed(session, proposed, now)
        is_same = sealed(preview) == kept.lines_sha256 and preview.basis == kept.basis
        is_same = is_same and is_in_time
        if now >= kept.expires_at or not is_same:
            name = f"sub_{kept.subscription_id.hex}"
            again = _quoted(session, name, kept.command, now, is_staff=is_staff)
            return Confirmed(quoted=again)
        changed = carry_out(session, proposed, kept.events, now, actor)
        quotes.confirm(session, kept.id, now)
        crash_point("confirm_quote.before_commit")
    return Confirmed(changed=changed)


def quote_as_it_stands(
    session: Session, quote: str, now: datetime
) -> tuple[Quote, ChangePreview | None]:
    """A quote, and what it comes to as long as it holds; reads only. Raises NotFound."""
    kept = quotes.quote(session, parsed("quote", quote))
    if kept is None:
        raise _unknown(quote)
    if kept.confirmed_at is not None or now >= kept.expires_at:
        return kept, None
    found = party(session, f"sub_{kept.subscription_id.hex}")
    try:
        payer = future_payer(session, kept.command, found, is_writing=False)
        proposed = proposed_again(session, found, kept.events, now, payer, is_staff=True)
        is_in_time = _is_in_time(proposed, kept)
        preview = previewed(session, proposed, now)
    except Refused:  # what is there now and the quote's events make no life together
        return kept, None
    is_same = sealed(preview) == kept.lines_sha256 and preview.basis == kept.basis
    holds = is_same and is_in_time
    return kept, preview if holds else None


def sealed(preview: ChangePreview) -> str:
    """SHA-256 over all that a preview shows: days, lines, VAT and totals of each group's bills."""
    return hashlib.sha256(msgspec.json.encode(list(_shown(preview.groups)))).hexdigest()


def _is_in_time(proposed: Proposal, kept: Quote) -> bool:
    """Whether a change of deliveries still comes to the same, though its bills may be equal.

    Raises what deciding it now would raise: NotAllowed after the cut-off, or for what is offered
    no more.
    """
    match kept.command:
        case ChangePlan(plan=code):
            proposed.shop.refuse_unoffered("plan", code)
        case AddAddOn(add_on=code):
            proposed.shop.refuse_unoffered("add_on", code)
    if not isinstance(kept.command, SkipDelivery | UnskipDelivery | ChangeAddress):
        return True
    return tuple(decide(proposed.told, kept.command, proposed.shop)) == kept.events


def _quoted(
    session: Session, subscription: str, command: Command, now: datetime, *, is_staff: bool
) -> Quoted:
    found = party(session, subscription)
    command = keep_address(session, found, command, now)
    payer = future_payer(session, command, found, is_writing=True)
    proposed = proposal(session, found, command, now, payer=payer, is_staff=is_staff)
    preview = previewed(session, proposed, now)
    quote = Quote(
        id=new_id(),
        subscription_id=found.id,
        command=command,
        events=proposed.events,
        basis=preview.basis,
        lines_sha256=sealed(preview),
        expires_at=now + LASTS,
        created_at=now,
    )
    quotes.add(session, quote)
    return Quoted(quote, preview)


def _shown(groups: tuple[GroupPreview, ...]) -> Iterator[object]:
    for group in groups:
        for bill in group.bills:
            yield (bill.bill_on, bill.draft.lines, bill.draft.totals, bill.total_minor)


def _unknown(quote: str) -> NotFound:
    return NotFound(f"there is no quote {quote!r}", code="unknown_quote", field="quote")
