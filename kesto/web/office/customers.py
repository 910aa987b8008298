"""Customers: found by what one knows of them, and one of them from all sides."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from kesto.core.wallets import PAID
from kesto.flows.portal_link import enter_for
from kesto.flows.preview_next import preview_next
from kesto.flows.show_history import show_histories
from kesto.store import catalogue, deeds, grants
from kesto.store import meters as meter_store
from kesto.store import staff as members
from kesto.store.office import customer as one
from kesto.store.office import customers as many
from kesto.store.office import invoices as listed
from kesto.store.office.customers import FILTERS, Filter, Wanted
from kesto.store.session import Session, reading
from kesto.web.office import story, words
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.office.invoice_rows import invoice_row
from kesto.web.office.pager import ROWS, pager, with_query
from kesto.web.office.paper import bill_of_next
from kesto.web.office.subscriptions import held
from kesto.web.ui.grants import grant_rows
from kesto.web.ui.language import words_language
from kesto.web.ui.sessions import PORTAL, STAFF, SessionStore, cookie_name, give_cookie

LONGEST_SEARCH = 100
LATEST = 12
LATEST_EVENTS = 60
MOST_HISTORIES = 60


@office("customers")
def customers(request: OfficeRequest) -> HttpResponse:
    """List customers; an invoice's number or reference leads to the invoice itself."""
    staff = request.staff
    search = request.GET.get("q", "").strip().replace("\0", "")[:LONGEST_SEARCH]
    wanted = Wanted(search, _filter(request), staff.currency, staff.today)
    with reading(staff.desk.merchant_id) as session:
        if found := _invoice_named(session, search):
            return HttpResponseRedirect(found)
        summed = many.summed(session, wanted)
        place = pager(request, summed.count)
        rows = many.page(session, wanted, limit=ROWS, offset=place.offset)
        if search and not summed.count and (own := deeds.subscription_named(session, search)):
            return HttpResponseRedirect(reverse("office:subscription", args=[own]))
    if search and [row.id for row in rows] and summed.count == 1 and wanted.filter == "all":
        return HttpResponseRedirect(reverse("office:customer", args=[rows[0].id]))
    return page(
        request,
        "customers",
        "customers",
        rows=rows,
        summed=summed,
        pager=place,
        search=search,
        filters=[
            (words.said(words.CUSTOMER_FILTERS, name), with_query(request, filter=name), name)
            for name in FILTERS
        ],
        chosen=wanted.filter,
    )


@office("customers")
def customer(request: OfficeRequest, customer_id: UUID) -> HttpResponse:
    """Show a customer: what they have, owe and wish, and what happened."""
    staff = request.staff
    with reading(staff.desk.merchant_id) as session:
        known = one.customer(session, customer_id)
        money = one.money(session, customer_id, staff.currency, staff.today)
        taken = one.subscriptions(session, customer_id, staff.today)
        prices = catalogue.prices_by_owner(session)
        invoices = listed.of_customer(session, customer_id, LATEST_EVENTS)
        payments = one.payments(session, customer_id, LATEST_EVENTS)
        messages = one.messages(session, customer_id, LATEST_EVENTS)
        named = [own for paid in payments for own in paid.invoices]
        named += [message.subject_id for message in messages if message.subject_id]
        known_invoices = listed.with_ids(session, named)
        steps = one.steps(session, customer_id, LATEST_EVENTS)
        wishes = one.wishes(session, customer_id)
        credit = grants.of_customer(session, customer_id, LATEST)
        used = grants.uses(session, [granted.id for granted in credit])
        chapters = show_histories(
            session, [own.id for own in taken[:MOST_HISTORIES]], staff.now, words_language()
        )
        people = {member.id.hex: member.name for member in members.members(session)}
        ahead = preview_next(session, customer_id, staff.today, words_language())
        meters = meter_store.meters(session)
    subscriptions = [held(subscription, prices, staff.today, meters) for subscription in taken]
    titles = {row.id: row.title for row in subscriptions}
    events = story.events(
        story.of_steps(steps),
        story.of_subscriptions(chapters, titles, people),
        story.of_credit(credit),
        story.of_invoices(invoices),
        story.of_payments(payments, known_invoices),
        story.of_messages(messages, known_invoices),
        limit=LATEST_EVENTS,
    )
    return page(
        request,
        "customer",
        "customers",
        customer=known,
        money=money,
        subscriptions=subscriptions,
        invoices=[invoice_row(row, staff.today) for row in invoices[:LATEST]],
        more_invoices=len(invoices) > LATEST,
        events=events,
        credit=grant_rows(credit, used),
        paid_credit_minor=sum(row.left_minor for row in credit if row.kind == PAID),
        ahead=[(coming, bill_of_next(coming.view)) for coming in ahead],
        is_parked=any(subscribed.parked_at for subscribed in taken),
        wishes=[
            (words.said(words.MESSAGE_GROUPS, wish.message_group), words.channel(wish.channel))
            for wish in wishes
        ],
        payment_method=words.said(words.PAYMENT_METHODS, known.payment_method or ""),
        language_name=words.said(words.LANGUAGES, known.language),
        address=[line for line in (known.street, f"{known.postal_code} {known.city}") if line],
    )


@office("serve", methods=("POST",))
def view_as_customer(request: OfficeRequest, customer_id: UUID) -> HttpResponse:
    """Open the portal in the customer's place; the log says who did, and who did what there."""
    staff = request.staff
    merchant_id = staff.desk.merchant_id
    enter_for(merchant_id, customer_id, staff.now, staff.actor)
    visit = SessionStore(request.COOKIES.get(cookie_name(request, PORTAL)), PORTAL)
    visit.sign_in(merchant_id, customer_id)
    visit[STAFF] = staff.actor
    visit.save()
    response = HttpResponseRedirect(reverse("portal:home"))
    give_cookie(request, response, PORTAL, visit.session_key)
    return response


def _filter(request: OfficeRequest) -> Filter:
    asked = request.GET.get("filter", "all")
    return next((name for name in FILTERS if name == asked), "all")


def _invoice_named(session: Session, search: str) -> str:
    """The address of the invoice that a search names, or nothing."""
    if not any(letter.isdigit() for letter in search):
        return ""
    own = listed.id_named(session, search)
    if own is None:
        return ""
    return reverse("office:invoice", args=[listed.with_ids(session, [own])[own].number])
