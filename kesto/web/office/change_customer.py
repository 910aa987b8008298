"""A customer is changed: typed, seen with what follows from it, saved; small things at once."""

import hashlib
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from msgspec import Struct, json
from msgspec.structs import asdict

from kesto.core.refusals import NotFound, Refused
from kesto.flows import change_customer as flow
from kesto.store.api.customers import by_id
from kesto.store.session import reading
from kesto.web.office import words
from kesto.web.office.customer_forms import COMPANY, ChangeCustomerForm
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.ui.said import say

SEAL = "seal"
ON_INVOICES = frozenset(
    (
        *("name", "street", "postal_code", "city", "country", "business_id", "vat_id"),
        *("buyer_reference", "order_number", "cost_centre", "external_id"),
    )
)
SAID = {
    "language": words.LANGUAGES,
    "payment_method": words.PAYMENT_METHODS,
    "channel": words.CHANNELS,
}


class Change(Struct, frozen=True):
    """A field that changes: what it is called, what stood there and what will."""

    label: str
    before: str
    after: str


@office("serve", methods=("GET", "HEAD", "POST"))
def change_customer(request: OfficeRequest, customer_id: UUID) -> HttpResponse:
    """Change who a customer is, where, and what their invoices say."""
    staff, sent = request.staff, request.POST
    with reading(staff.desk.merchant_id) as session:
        known = by_id(session, [customer_id]).get(customer_id)
    if known is None:
        raise NotFound("there is no such customer", code="unknown_customer", field="customer")
    before = {name: str(asdict(known)[name] or "") for name in flow.CHANGEABLE}
    form = ChangeCustomerForm(known.kind, sent or None, initial=before)
    context: dict[str, Any] = {"customer": known, "form": form, "is_company": known.kind == COMPANY}
    if not form.is_valid() or "back" in sent:
        return page(request, "change_customer", "customers", **context)
    changes = form.changes(before)
    follows = consequences(changes)
    seal = sealed(before)
    if follows and sent.get(SEAL) != seal:
        context |= {"follows": follows, "seal": seal, "is_stale": SEAL in sent}
        context |= {"changes": list(_written(form, before, changes)), "values": _values(form)}
        return page(request, "change_customer_review", "customers", **context)
    try:
        flow.change_customer(staff.desk.merchant_id, customer_id, changes, staff.now, staff.actor)
    except Refused as refusal:
        form.refuse(refusal)
        return page(request, "change_customer", "customers", **context)
    if changes:
        say(request, "ok", gettext("The customer is saved."))
    else:
        say(request, "info", gettext("Nothing was changed."))
    return HttpResponseRedirect(reverse("office:customer", args=[customer_id]))


def consequences(changes: Mapping[str, str]) -> list[str]:
    """What follows from a change, in sentences; small things have no consequences."""
    found = []
    if ON_INVOICES & changes.keys():
        found.append(
            gettext("Invoices say it from the next one on. Those that are made stay as they are.")
        )
    if _is_any(changes, "country", "vat_id"):
        found.append(gettext("The VAT rate stays the same: it goes by the seller’s country."))
    if "email" in changes:
        found.append(
            gettext("Invoices, messages and links to the portal go to the new address.")
            if changes["email"]
            else gettext("Nothing goes by e-mail any more. Choose another way for their invoices.")
        )
    if "language" in changes:
        found.append(
            gettext("Invoices and messages are in %(language)s from now on.")
            % {"language": words.said(words.LANGUAGES, changes["language"])}
        )
    if "payment_method" in changes:
        found.append(gettext("Invoices ask for payment in the new way from the next one on."))
    if "channel" in changes:
        found.append(
            gettext("Invoices come the new way from the next one on. Other messages as before.")
        )
    if "currency" in changes:
        found.append(
            gettext(
                "New subscriptions are sold in this currency where they have prices in it."
                " Those that run keep theirs; each can be changed by itself."
            )
        )
    if "zone" in changes:
        found.append(
            gettext(
                "The days of new subscriptions begin by this zone. Those that run keep theirs;"
                " each can be changed by itself."
            )
        )
    if "external_id" in changes:
        found.append(
            gettext("Files and programs find the customer by the new number only. Tell them.")
        )
    return found


def sealed(before: Mapping[str, str]) -> str:
    """SHA-256 over the customer as it was when somebody looked."""
    return hashlib.sha256(json.encode(sorted(before.items()))).hexdigest()


def _is_any(changes: Collection[str], *names: str) -> bool:
    return any(name in changes for name in names)


def _written(
    form: ChangeCustomerForm, before: Mapping[str, str], changes: Mapping[str, str]
) -> list[Change]:
    found = []
    for name in (name for name in form.fields if name in changes):
        was, will = before[name], changes[name]
        if name in SAID:
            was, will = (words.said(SAID[name], one) if one else "" for one in (was, will))
        found.append(Change(str(form.fields[name].label), was or "–", will or "–"))
    return found


def _values(form: ChangeCustomerForm) -> list[tuple[str, str]]:
    """What was typed, to be sent once more with the confirmation."""
    return [(name, str(text)) for name, text in form.cleaned_data.items()]
