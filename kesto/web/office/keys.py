"""Keys of the API: made for a merchant's own systems, shown once, revoked."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from kesto.core.refusals import Refused
from kesto.flows.make_key import make_key
from kesto.flows.revoke_key import revoke_key
from kesto.store import api_keys
from kesto.store.session import reading
from kesto.web.clock import real_now
from kesto.web.office import words
from kesto.web.office.forms import KeyForm
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.ui.said import say


@office("keys")
def keys(request: OfficeRequest) -> HttpResponse:
    """List the keys by their beginnings, revoked ones too."""
    with reading(request.staff.desk.merchant_id) as session:
        found = api_keys.keys(session)
    rows = [(key, [words.said(words.SCOPES, scope) for scope in key.scopes]) for key in found]
    return page(request, "keys", "settings", rows=rows)


@office("keys", methods=("GET", "HEAD", "POST"))
def make(request: OfficeRequest) -> HttpResponse:
    """Make a key. It is shown in this very answer, so that it is stored nowhere."""
    staff = request.staff
    form = KeyForm(request.POST or None, may_approve=staff.may("bill"))
    made = None
    if form.is_valid():
        name, scopes = form.cleaned_data["name"], form.cleaned_data["scopes"].split()
        try:
            made = make_key(staff.desk.merchant_id, name, scopes, real_now(), staff.actor)
        except Refused as refusal:
            form.refuse(refusal)
    return page(request, "make_key", "settings", form=form, made=made)


@office("keys", methods=("POST",))
def revoke(request: OfficeRequest, key_id: UUID) -> HttpResponse:
    """Let a key open nothing any more."""
    staff = request.staff
    revoked = revoke_key(staff.desk.merchant_id, key_id, real_now(), staff.actor)
    said = gettext("The key for %(name)s is revoked. Within two seconds it opens nothing any more.")
    say(request, "ok", said % {"name": revoked.name})
    return HttpResponseRedirect(reverse("office:keys"))
