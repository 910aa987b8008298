"""Preview next: what the next invoice will be, by the very call that bills; reads only."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from kesto.core.billing import Account, BillingEntity, Cursor, bill_account
from kesto.core.counting import Ask, asked
from kesto.core.credit_lines import Day
from kesto.core.invoicing import Draft, due_date
from kesto.core.merchant import Merchant
from kesto.core.rating import Rater, UsageOf
from kesto.core.refusals import Invalid
from kesto.core.wallets import Due, Used, WalletKey, paid_from
from kesto.countries.raters import rater_of
from kesto.flows.show_invoice import line_view, metered, service_views
from kesto.flows.take_credit import Purses, purses_of
from kesto.store import billing, invoices, merchants, papers, wallets
from kesto.store.catalogue import PriceList
from kesto.store.coupons import coupon_names
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
    drafts: list[Made] = []
    accounts = billing.accounts_of_payer(session, payer_id, PriceList())
    usage = _counted(session, accounts, today - timedelta(days=merchant.grace_days))
    for account in accounts:
        entity = entities[account.group.billing_entity_id]
        made = next_draft(account, rater_of(entity.country, usage), today, merchant)
        if made is not None:
            drafts.append(made)
    drafts.sort(key=lambda one: one.bill_on)
    purses = purses_of(session, [payer_id] if drafts else [])
    found: list[NextInvoice] = []
    due: list[Due] = []
    for draft in drafts:
        entity = entities[draft.account.group.billing_entity_id]
        coming = shown_next(session, less_credit(purses, draft, entity), names, language)
        found.append(coming)
        due.append(Due(_wallet(draft.account), coming.view.total_minor, coming.bill_on))
    paid = paid_from(wallets.grants_left(session, [payer_id]), due)
    return [_paid(coming, parts) for coming, parts in zip(found, paid, strict=True)]


def _wallet(account: Account) -> WalletKey:
    group = account.group
    return WalletKey(group.payer_id, group.billing_entity_id, group.currency)


def _counted(session: Session, accounts: Sequence[Account], reach: date) -> UsageOf:
    """What was used of all that falls due next, read at once; few other prices look at it."""
    book = UsageBook(session)
    asks: list[Ask] = []
    for account in accounts:
        if any(price.meter for item in account.items for price in item.prices):
            group = account.group
            after = None if group.dirty_from is not None else group.billed_through
            asks += asked(account.items, after, max(group.next_due_on or reach, reach), book.meters)
    with suppress(Invalid):  # whose usage has no price yet is told so by its own draft
        book.fetch(asks)
    return book.seen()


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


def less_credit(purses: Purses, made: Made, entity: BillingEntity, on: date | None = None) -> Made:
    """A draft less the credit that comes off before tax on a day: when it is billed, or another."""
    group = made.account.group
    day = Day(on or made.bill_on, entity.zone, group.currency, group.includes_tax)
    return replace(made, draft=purses.less(made.draft, _wallet(made.account), day))


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
    usage, coupons = metered(session, lines), coupon_names(session)
    view = InvoiceView(
        number="",
        issued_on=made.bill_on,
        due_on=due_date(made.bill_on, group.due_days),
        currency=group.currency,
        includes_tax=group.includes_tax,
        seller=NOBODY,
        buyer=NOBODY,
        lines=tuple(
            line_view(line, names, services, language, usage, named=coupons) for line in lines
        ),
        taxes=tuple(
            TaxView(tax.rate_percent, tax.net_minor, tax.tax_minor) for tax in totals.taxes
        ),
        open_minor=totals.total_minor,
        language=language,
    )
    return NextInvoice(group.id, made.due_through, made.bill_on, view, made.is_checked, made.waits)
