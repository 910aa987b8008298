"""Show drafts: what fell due and is not invoiced yet, by the very call that bills; reads only.

A draft is stored nowhere. It is what a billing group would be invoiced now; whatever changes
meanwhile shows in it at once.
"""

import hashlib
from collections.abc import Mapping
from datetime import date
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.core.billing import Account
from kesto.core.refusals import NotFound
from kesto.countries.raters import rater_of
from kesto.flows.preview_next import (
    Made,
    NextInvoice,
    less_credit,
    next_draft,
    shown_next,
)
from kesto.flows.take_credit import Purses
from kesto.store import drafts, invoices, merchants, wallets
from kesto.store.catalogue import PriceList
from kesto.store.session import Session
from kesto.store.usage.counted import UsageBook


class ShownDraft(Struct, frozen=True):
    """A draft of a billing group and its payer; `seal` is equal as long as the same is shown."""

    payer_id: UUID
    payer: str
    next: NextInvoice
    seal: str


class Drafts(Struct, frozen=True):
    """Some drafts, and the group that the list goes on after (None: it ends here).

    Of the groups looked at some may come to nothing; they have no draft.
    """

    found: tuple[ShownDraft, ...]
    after: UUID | None


def show_drafts(
    session: Session,
    today: date,
    language: str,
    *,
    payer_id: UUID | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> Drafts:
    """The drafts of up to so many groups, the newest group first; no language: the payer's."""
    wanted = {"g.payer_id = %s": payer_id, "g.id < %s": after}
    wanted = {text: value for text, value in wanted.items() if value is not None}
    accounts = drafts.accounts_due(session, wanted, limit + 1, today, PriceList())
    page = accounts[:limit]
    made = waiting(session, page, today)
    is_more = len(accounts) > limit
    return Drafts(_shown(session, made, language), page[-1].group.id if is_more else None)


def show_draft(session: Session, group_id: UUID, today: date, language: str) -> ShownDraft:
    """The draft of a group. Raises NotFound where nothing waits."""
    wanted = {"g.id = %s": group_id}
    accounts = drafts.accounts_due(session, wanted, 1, today, PriceList())
    found = _shown(session, waiting(session, accounts, today), language)
    if not found:
        raise no_draft()
    return found[0]


def waiting(session: Session, accounts: list[Account], today: date) -> list[Made]:
    """What accounts would be invoiced for what fell due by today, each if it came first."""
    merchant = merchants.merchant(session)
    entities = {entity.id: entity for entity in merchants.billing_entities(session)}
    usage = UsageBook(session).seen()
    payers = [account.group.payer_id for account in accounts]
    credit = wallets.grants_left(session, payers, before_tax=True)
    found = []
    for account in accounts:
        entity = entities[account.group.billing_entity_id]
        rater = rater_of(entity.country, usage)
        made = next_draft(account, rater, today, merchant)
        if made is not None and made.due_through <= today:
            found.append(less_credit(Purses(credit), made, entity, today))
    return found


def sealed(made: Made) -> str:
    """SHA-256 over the day, the lines and the sums of a draft."""
    shown = (made.due_through, made.draft.lines, made.draft.totals)
    return hashlib.sha256(msgspec.json.encode(shown)).hexdigest()


def no_draft() -> NotFound:
    """The refusal of a draft that is not there, or not any more."""
    return NotFound(
        "nothing waits to be invoiced here; it was invoiced already, or is not due yet",
        code="unknown_draft",
        field="draft",
    )


def _shown(session: Session, found: list[Made], language: str) -> tuple[ShownDraft, ...]:
    if not found:
        return ()
    products: Mapping[UUID, dict[str, str]] = invoices.product_names(session)
    people = drafts.payers(session, [made.account.group.payer_id for made in found])
    shown = []
    for made in found:
        payer_id = made.account.group.payer_id
        name, own_language = people[payer_id]
        coming = shown_next(session, made, products, language or own_language)
        shown.append(ShownDraft(payer_id, name, coming, sealed(made)))
    return tuple(shown)
