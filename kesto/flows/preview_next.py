"""Preview next: what the next invoice will be, by the very call that bills; reads only."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from kesto.core.billing import Account, Cursor, bill_account
from kesto.core.invoicing import Draft, due_date
from kesto.core.merchant import Merchant
from kesto.core.rating import Rater
from kesto.core.refusals import Invalid
from kesto.core.wallets import Due, Used, WalletKey, paid_from
from kesto.countries.raters import rater_of
from kesto.flows.show_invoice import line_view, metered, service_views
from kesto.store import billing, invoices, merchants, papers, wallets
from kesto.store.catalogue import PriceList
from kesto.store.session import Session
from kesto.store.usage.counted import UsageBook
from kesto.words.views import InvoiceView, PartyView, TaxView

MOST_EMPTY = 12
"""So many times in a row what falls due may come to nothing, before we stop looking."""

BEFORE_ALL = date.min + timedelta(days=1)
NOBODY = PartyView("")


class NextInvoice(Struct, frozen=True):
    """The next invoice of a billing group as it will be if nothing changes until then.

    It holds what falls due by `due_through`; `bill_on` is the days of grace later.
    `view` holds its lines and VAT, without number and parties, and the credit that will pay it
    or a part of it. What has a fixed price is certain. Usage is in it as far as it is known, and
    grows until its period ends (`view.usage_until`) as more comes in. `is_checked` says that a
    person looks at it first. `waits` says which prices of usage are missing.
    """

    group_id: UUID
    due_through: date
    bill_on: date
    view: InvoiceView
    is_checked: bool = False
    waits: str = ""

    @property
    def to_pay_minor(self) -> int:
        """What is left to pay when the customer's credit is used."""
        return self.view.open_minor


def preview_next(session: Session, payer_id: UUID, today: date, language: str) -> list[NextInvoice]:
    """The next invoice of each of a payer's billing groups, the earliest first."""
    entities = {entity.id: entity for entity in merchants.billing_entities(session)}
    merchant = merchants.merchant(session)
    names = invoices.product_names(session)
    found: list[NextInvoice] = []
    keys: list[WalletKey] = []
    usage = UsageBook(session).seen()
    for account in billing.accounts_of_payer(session, payer_id, PriceList()):
        entity = entities[account.group.billing_entity_id]
        made = next_draft(account, rater_of(entity.country, usage), today, merchant)
        if made is not None:
            found.append(shown_next(session, made, names, language))
            keys.append(WalletKey(payer_id, entity.id, account.group.currency))
    credit = wallets.grants_left(session, payer_id)
    order = sorted(range(len(found)), key=lambda place: found[place].bill_on)
    due = [Due(keys[one], found[one].view.total_minor, found[one].bill_on) for one in order]
    paid = paid_from(credit, due)
    return [_paid(found[one], parts) for one, parts in zip(order, paid, strict=True)]


def _paid(coming: NextInvoice, parts: Sequence[Used]) -> NextInvoice:
    """The invoice with the credit that will pay it."""
    used_minor = sum(part.amount_minor for part in parts)
    if not used_minor:
        return coming
    open_minor = coming.view.open_minor - used_minor
    view = replace(coming.view, credit_used_minor=used_minor, open_minor=open_minor)
    return replace(coming, view=view)


class Made(Struct, frozen=True):
    """A draft, the account that it is of, how far it reaches and when it will be billed.

    A draft that `waits` for prices holds what is known of it.
    """

    account: Account
    draft: Draft
    due_through: date
    bill_on: date
    is_checked: bool
    waits: str = ""


def next_draft(account: Account, rater: Rater, today: date, merchant: Merchant) -> Made | None:
    """The first draft that comes to something; days on which nothing is asked for pass by.

    What falls due on a day is billed the merchant's days of grace later. None too where nobody can
    say what it comes to, and a run would set it aside.
    """
    try:
        return _next_draft(account, rater, today, merchant)
    except Invalid:
        return None


def _next_draft(account: Account, rater: Rater, today: date, merchant: Merchant) -> Made | None:
    grace = timedelta(days=merchant.grace_days)
    after = account.group.billed_through or BEFORE_ALL
    due_on = rater.next_due_on(account.items, after)
    if account.group.dirty_from is not None:  # it is looked at when it was told to be
        due_on = account.group.next_due_on
    for _ in range(MOST_EMPTY):
        if due_on is None:
            return None
        through = max(due_on, today - grace)
        outcome = bill_account(account, rater, through, merchant.invoice_limit_minor)
        if outcome.draft is not None:
            waits = outcome.parked.reason if outcome.parked else ""
            return Made(account, outcome.draft, through, through + grace, False, waits)
        if outcome.parked is not None:
            return _set_aside(account, rater, through, grace)
        account = _moved(account, outcome.cursor)
        due_on = outcome.cursor.next_due_on
    return None


def _set_aside(account: Account, rater: Rater, through: date, grace: timedelta) -> Made | None:
    """What would be billed if a person let it pass."""
    trusted = replace(account, group=replace(account.group, accepts_bounds=True))
    draft = bill_account(trusted, rater, through, 0).draft
    return Made(trusted, draft, through, through + grace, is_checked=True) if draft else None


def _moved(account: Account, cursor: Cursor) -> Account:
    """The account after a day that came to nothing."""
    if not cursor.is_clean:  # it waits until there is more to set off against
        return account
    group = replace(account.group, billed_through=cursor.billed_through, dirty_from=None)
    return replace(account, group=group, billed={})


def shown_next(
    session: Session, made: Made, names: Mapping[UUID, dict[str, str]], language: str
) -> NextInvoice:
    """A draft as invoices are shown."""
    group, lines = made.account.group, made.draft.lines
    origins = papers.origins(session, list({line.item_id for line in lines}))
    services = service_views(origins, made.due_through, language)
    totals = made.draft.totals
    usage = metered(session, lines)
    view = InvoiceView(
        number="",
        issued_on=made.bill_on,
        due_on=due_date(made.bill_on, group.due_days),
        currency=group.currency,
        includes_tax=group.includes_tax,
        seller=NOBODY,
        buyer=NOBODY,
        lines=tuple(line_view(line, names, services, language, usage) for line in lines),
        taxes=tuple(
            TaxView(tax.rate_percent, tax.net_minor, tax.tax_minor) for tax in totals.taxes
        ),
        open_minor=totals.total_minor,
        language=language,
    )
    return NextInvoice(group.id, made.due_through, made.bill_on, view, made.is_checked, made.waits)
