"""Changes of subscriptions: what one comes to, a quote that is confirmed, a change at once."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from ninja import Router

from kesto.api.bodies import refuse_body
from kesto.api.commands import ASKED, command_of
from kesto.api.faults import READS, WRITES
from kesto.api.keys import Bearer, actor_of, holder, now_of
from kesto.api.once import REQUIRED, Made, once
from kesto.api.previews import Change, Preview, change_shown, preview_shown
from kesto.api.schema import Schema
from kesto.api.values import own_id
from kesto.core.ids import parsed
from kesto.core.refusals import Invalid, NotFound
from kesto.flows.change_subscription import change_subscription
from kesto.flows.preview_change import ChangePreview, preview_change
from kesto.flows.quote_change import Quoted, confirm_quote, quote_as_it_stands, quote_change
from kesto.store import merchants
from kesto.store.api.listing import id_of
from kesto.store.quotes import Quote as KeptQuote
from kesto.store.session import Session, reading

router = Router(tags=["changes"])
WITH_KEY = {**ASKED, **REQUIRED}


class Quote(Schema):
    """A stored price for a change, which holds until `expires_at` unless something changes.

    `preview` is what it comes to: null once it is confirmed or holds no longer.
    """

    id: str
    subscription: str
    created_at: datetime
    expires_at: datetime
    confirmed_at: datetime | None
    preview: Preview | None


class Confirmation(Schema):
    """The change that was carried out; or a new quote, when the old one no longer held.

    With a new quote nothing was done: show it, and confirm that.
    """

    change: Change | None
    quote: Quote | None


@router.post(
    "/subscriptions/{subscription}/preview",
    operation_id="preview_change",
    auth=Bearer("read"),
    response={200: Preview, **WRITES},
    summary="Preview a change of a subscription",
    openapi_extra=ASKED,
)
def preview(request: HttpRequest, subscription: str) -> Preview:
    """What a change would come to; nothing is written, so it needs no idempotency key."""
    command = command_of(request)
    with reading(holder(request).merchant_id) as session:
        own, now = _subject(session, subscription)
        return preview_shown(preview_change(session, own, command, now))


@router.post(
    "/subscriptions/{subscription}/quotes",
    operation_id="add_quote",
    auth=Bearer("write"),
    response={201: Quote, **WRITES},
    summary="Quote a change of a subscription",
    openapi_extra=WITH_KEY,
)
def quote(request: HttpRequest, subscription: str) -> HttpResponse:
    """The price of a change, kept for a day; confirming carries out just that."""
    command = command_of(request)

    def work(session: Session) -> Made:
        own, now = _subject(session, subscription)
        found = quote_change(session.merchant_id, own, command, now)
        return Made(201, _quoted(found), found.quote.id)

    return once(request, work)


@router.get(
    "/quotes/{quote}",
    operation_id="get_quote",
    auth=Bearer("read"),
    response={200: Quote, **READS},
    summary="Read a quote",
)
def get_quote(request: HttpRequest, quote: str) -> Quote:
    """By its id; whether it still holds shows in `preview`."""
    with reading(holder(request).merchant_id) as session:
        now = now_of(merchants.merchant(session))
        found, shown = quote_as_it_stands(session, _quote_name(quote), now)
    return _quote(found, shown)


@router.post(
    "/quotes/{quote}/confirm",
    operation_id="confirm_quote",
    auth=Bearer("write"),
    response={200: Confirmation, **WRITES},
    summary="Confirm a quote",
    openapi_extra=REQUIRED,
)
def confirm(request: HttpRequest, quote: str) -> HttpResponse:
    """Carries out what was shown; answers a new quote when that no longer holds."""
    name = _quote_name(quote)
    refuse_body(request)

    def work(session: Session) -> Made:
        now = now_of(merchants.merchant(session))
        found = confirm_quote(session.merchant_id, name, now, actor_of(request))
        change = change_shown(found.changed) if found.changed else None
        again = _quoted(found.quoted) if found.quoted else None
        return Made(200, Confirmation(change=change, quote=again), parsed("quote", name))

    return once(request, work)


@router.post(
    "/subscriptions/{subscription}/changes",
    operation_id="add_change",
    auth=Bearer("write"),
    response={201: Change, **WRITES},
    summary="Change a subscription",
    openapi_extra=WITH_KEY,
)
def change(request: HttpRequest, subscription: str) -> HttpResponse:
    """Carried out at once, as staff of the merchant would; the next bill has the difference."""
    command = command_of(request)

    def work(session: Session) -> Made:
        own, now = _subject(session, subscription)
        found = change_subscription(session.merchant_id, own, command, now, actor_of(request))
        return Made(201, change_shown(found), found.subscription_id)

    return once(request, work)


def _subject(session: Session, subscription: str) -> tuple[str, datetime]:
    """The subscription's id as flows take it, and what time it is there. Raises NotFound."""
    own = own_id("subscription", id_of(session, "subscription", subscription))
    return own, now_of(merchants.merchant(session))


def _quote_name(text: str) -> str:
    """The id of a quote. Raises NotFound for a text that is none."""
    try:
        return own_id("quote", parsed("quote", text))
    except Invalid:
        raise NotFound(f"there is no quote {text!r}", code="unknown_quote", field="quote") from None


def _quoted(found: Quoted) -> Quote:
    return _quote(found.quote, found.preview)


def _quote(found: KeptQuote, shown: ChangePreview | None) -> Quote:
    return Quote(
        id=own_id("quote", found.id),
        subscription=own_id("subscription", found.subscription_id),
        created_at=found.created_at,
        expires_at=found.expires_at,
        confirmed_at=found.confirmed_at,
        preview=preview_shown(shown) if shown else None,
    )
