"""Give credit: what would be put into the wallet first, then one button with the sum on it."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from kesto.core.refusals import Refused
from kesto.core.wallets import GIVEN
from kesto.flows.give_credit import CreditGiven, preview_gift
from kesto.flows.give_credit import give_credit as give
from kesto.store.ids import new_id
from kesto.store.office import customer as one
from kesto.store.session import reading
from kesto.web.office import written
from kesto.web.office.credit import limit_of
from kesto.web.office.gate import OfficeRequest, Staff, office, page
from kesto.web.office.give_credit_form import GiveCreditForm
from kesto.web.ui.grants import until_when
from kesto.web.ui.parts import Bill, BillRow, BillTotal
from kesto.web.ui.said import say


@office("credit", methods=("GET", "HEAD", "POST"))
def give_credit(request: OfficeRequest, customer_id: UUID) -> HttpResponse:
    """Preview credit for a customer, or give it."""
    staff = request.staff
    with reading(staff.desk.merchant_id) as session:
        known = one.customer(session, customer_id)
    form = GiveCreditForm(request.POST or None, currency=staff.currency)
    given = _previewed(staff, form, customer_id) if form.is_valid() else None
    has_seen = given is not None and form.data.get("seen", "") == _seen(given)
    if given is not None and has_seen and not form.is_preview and _is_given(staff, form, known.id):
        sum_ = written.money(given.grant.amount_minor, given.grant.key.currency)
        title = gettext("%(name)s has %(sum)s more credit.") % {"name": known.name, "sum": sum_}
        told = gettext("It pays the next invoices when they are issued.")
        if given.grant.before_tax:
            told = gettext("It comes off the next invoices before VAT.")
        say(request, "ok", title, told)
        return HttpResponseRedirect(reverse("office:customer", args=[known.id]))
    return page(
        request,
        "give_credit",
        "customers",
        form=form,
        customer=known,
        given=given,
        bill=_bill(given) if given else None,
        seen=_seen(given) if given else "",
        once=new_id().hex,
        is_unseen=given is not None and not has_seen and not form.is_preview,
        limit_minor=limit_of(staff),
    )


def _previewed(staff: Staff, form: GiveCreditForm, customer_id: UUID) -> CreditGiven | None:
    try:
        return preview_gift(
            *(staff.desk.merchant_id, customer_id, form.wanted, staff.now),
            limit_minor=limit_of(staff),
        )
    except Refused as refusal:
        form.refuse(refusal)
        return None


def _is_given(staff: Staff, form: GiveCreditForm, customer_id: UUID) -> bool:
    """Give it; what refuses it is said beside what was typed."""
    try:
        give(
            *(staff.desk.merchant_id, customer_id, form.wanted, staff.now, staff.actor),
            limit_minor=limit_of(staff),
            grant_id=_once(form.data.get("once", "")),
        )
    except Refused as refusal:
        form.refuse(refusal)
        return False
    return True


def _once(text: str) -> UUID | None:
    try:
        return UUID(hex=text)
    except ValueError:
        return None


def _seen(given: CreditGiven) -> str:
    """What stands for a preview that was seen."""
    grant = given.grant
    facts = (
        *(grant.kind, grant.before_tax, grant.amount_minor),
        *(grant.valid_from, grant.expires_on, grant.priority),
    )
    return "/".join(map(str, facts))


def _bill(given: CreditGiven) -> Bill:
    """What goes into the wallet, and what is in it then."""
    grant = given.grant
    currency = grant.key.currency
    name = gettext("Credit given") if grant.kind == GIVEN else gettext("Credit paid for")
    if grant.before_tax:
        name = gettext("Credit before VAT")
    note = until_when(grant.valid_from, grant.expires_on)
    before_minor = given.balance_minor - grant.amount_minor
    return Bill(
        gettext("What happens"),
        [
            BillRow(gettext("Credit now"), written.money(before_minor, currency)),
            BillRow(name, written.money(grant.amount_minor, currency), note=note),
        ],
        [BillTotal(gettext("Credit then"), written.money(given.balance_minor, currency))],
    )
