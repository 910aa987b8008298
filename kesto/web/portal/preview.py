"""What a subscriber's change would come to: each bill, and what it would be without the change."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.utils.translation import gettext, pgettext
from msgspec import Struct
from msgspec.structs import replace

from kesto.core.history import Cancelled, Told
from kesto.flows.quote_change import Quoted
from kesto.flows.show_change import ShownBill, ShownGroup, about, shown_groups, telling
from kesto.flows.show_subscription import ShownSubscription
from kesto.flows.show_usage import UsedSoFar
from kesto.store.session import Session
from kesto.web.portal.bills import bill_of_next
from kesto.web.portal.written import day, money
from kesto.web.ui.bill_changes import BillChanges, Changing, bill_changes, notes_of
from kesto.web.ui.language import words_language
from kesto.web.ui.parts import Bill
from kesto.words.changes import Happening, happenings
from kesto.words.tongue import Tongue

ONE_DAY = timedelta(days=1)


class BillCard(Struct, frozen=True):
    """A bill that would come; below zero it is a credit note."""

    title: str
    sum: str
    is_credit: bool
    bill: Bill


class Preview(Struct, frozen=True):
    """All that the page before a change shows."""

    events: Sequence[Happening]
    cards: Sequence[BillCard]
    before: str
    changes: BillChanges
    last_on: date | None
    is_part: bool


def preview_of(
    session: Session,
    shown: ShownSubscription,
    quoted: Quoted,
    used: Sequence[UsedSoFar],
    *,
    is_payer: bool,
) -> Preview:
    """A quote laid out for a page; who does not pay sees the lines of the subscription only."""
    language, preview = words_language(), quoted.preview
    subject = about(
        *(session, shown.life, shown.found.external_id, preview.events, shown.known.sold),
        only_own=not is_payer,
    )
    groups = shown_groups(session, preview.groups, subject, language)
    newest = max((one.seq for one in shown.told), default=0)
    added = [
        Told(newest + place, shown.id, event) for place, event in enumerate(preview.events, start=1)
    ]
    tongue = Tongue(language, shown.found.currency)
    said = happenings([*shown.told, *added], shown.known, tongue)[-len(added) :]
    group = next((one for one in groups if one.payer_id == shown.found.payer_id), None)
    ends = [one.on for one in preview.events if isinstance(one, Cancelled)]
    return Preview(
        events=said,
        cards=[_card(place, one) for place, one in telling(group.bills)] if group else [],
        before=_before(group),
        changes=_changes(group, Changing(shown, preview.events, used)),
        last_on=ends[0] - ONE_DAY if ends else None,
        is_part=not is_payer,
    )


def _before(group: ShownGroup | None) -> str:
    if group is None or group.before is None or not group.before.view.lines:
        return gettext("Without the change nothing would be billed.")
    before = group.before
    facts = {"sum": money(before.view.total_minor, before.view.currency)}
    facts["day"] = day(before.bill_on)
    return gettext("Without the change: %(sum)s on %(day)s.") % facts


def _changes(group: ShownGroup | None, changing: Changing) -> BillChanges:
    if group is None:
        return BillChanges([])
    rows = bill_changes(group.differences, group.currency)
    return BillChanges(rows, notes_of(changing, group.differences))


def _card(place: int, one: ShownBill) -> BillCard:
    is_credit = one.view.total_minor < 0
    on = {"day": day(one.bill_on)}
    if is_credit:
        title = gettext("You get back on %(day)s") % on
    elif place > 1:
        title = gettext("A later invoice, %(day)s") % on
    elif place:
        title = pgettext("portal", "The invoice after that, %(day)s") % on
    else:
        title = pgettext("portal", "Next invoice, %(day)s") % on
    minor = -one.view.total_minor if is_credit else one.view.total_minor
    bill = replace(bill_of_next(one.view), caption=title)
    return BillCard(title, money(minor, one.view.currency), is_credit, bill)
