"""What a change would come to, as the page before it shows: each bill, and the bill without it."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext
from msgspec import Struct
from msgspec.structs import replace

from kesto.core.history import Told
from kesto.flows.quote_change import Quoted
from kesto.flows.show_change import ShownBill, ShownGroup, about, shown_groups, telling
from kesto.flows.show_subscription import ShownSubscription
from kesto.flows.show_usage import UsedSoFar
from kesto.store.session import Session
from kesto.web.office import written
from kesto.web.office.paper import bill_of_next
from kesto.web.ui.bill_changes import BillChanges, Changing, bill_changes, notes_of
from kesto.web.ui.language import words_language
from kesto.web.ui.parts import Bill
from kesto.words.changes import Happening, happenings
from kesto.words.tongue import Tongue


class BillCard(Struct, frozen=True):
    """A bill that would come; below zero it is a credit note."""

    title: str
    sum: str
    is_credit: bool
    bill: Bill


class PayerPreview(Struct, frozen=True):
    """What one payer would be billed: next, after that, and next without the change."""

    payer: str
    cards: Sequence[BillCard]
    before: str
    before_on: date | None
    changes: BillChanges


class Preview(Struct, frozen=True):
    """All that the page before a change shows."""

    events: Sequence[Happening]
    on: date
    payers: Sequence[PayerPreview]


def preview_of(
    session: Session, shown: ShownSubscription, quoted: Quoted, used: Sequence[UsedSoFar]
) -> Preview:
    """A quote laid out for a page."""
    language, preview = words_language(), quoted.preview
    subject = about(session, shown.life, shown.found.external_id, preview.events, shown.known.sold)
    groups = shown_groups(session, preview.groups, subject, language)
    people = {**shown.known.people, **{group.payer_id: group.payer for group in groups}}
    newest = max((one.seq for one in shown.told), default=0)
    added = [
        Told(newest + place, shown.id, event) for place, event in enumerate(preview.events, start=1)
    ]
    said = happenings(
        [*shown.told, *added],
        replace(shown.known, people=people),
        Tongue(language, shown.found.currency),
    )
    changing = Changing(shown, preview.events, used)
    return Preview(said[-len(added) :], preview.on, payer_previews(groups, changing))


def payer_previews(
    groups: Sequence[ShownGroup], changing: Changing | None = None
) -> list[PayerPreview]:
    """What each payer would be billed; payers to whom nothing comes are left out."""
    return [_payer(group, changing) for group in groups if group.bills or group.before]


def _payer(group: ShownGroup, changing: Changing | None) -> PayerPreview:
    before, found = group.before, group.differences
    return PayerPreview(
        payer=group.payer,
        cards=[_card(place, one) for place, one in telling(group.bills)],
        before=written.money(before.view.total_minor, before.view.currency) if before else "",
        before_on=before.bill_on if before else None,
        changes=BillChanges(
            bill_changes(found, group.currency) if before else [],
            notes_of(changing, found) if changing else [],
        ),
    )


def _card(place: int, one: ShownBill) -> BillCard:
    is_credit = one.view.total_minor < 0
    day = {"day": written.day(one.bill_on)}
    if is_credit:
        title = gettext("Credit note on %(day)s") % day
    elif place > 1:
        title = gettext("A later invoice, %(day)s") % day
    elif place:
        title = gettext("The invoice after that, %(day)s") % day
    else:
        title = gettext("Next invoice, %(day)s") % day
    bill = replace(bill_of_next(one.view), caption=title)
    return BillCard(title, written.money(one.view.total_minor, one.view.currency), is_credit, bill)
