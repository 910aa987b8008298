"""Pay back: a customer's credit goes to their bank account; what is on its way, and who is owed."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from kesto.core.refusals import Refused
from kesto.flows.pay_out import LONGEST_REASON, mark_paid_out
from kesto.flows.pay_out import pay_out as pay
from kesto.store import grants, payouts
from kesto.store.office import customer as one
from kesto.store.payouts import Payout
from kesto.store.session import reading
from kesto.web.office import written
from kesto.web.office.forms import AskedForm, MinorField
from kesto.web.office.gate import OfficeRequest, Staff, office, page
from kesto.web.office.refusals import refusal_text
from kesto.web.ui.said import say

SHOWN = 100


class PayOutForm(AskedForm):
    """How much goes back, where to and why."""

    iban = forms.CharField(label=gettext_lazy("To account (IBAN)"), max_length=50)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=LONGEST_REASON)

    def __init__(self, *values: Any, currency: str, left_minor: int) -> None:
        super().__init__(*values)
        self.fields["amount"] = MinorField(
            currency, label=gettext_lazy("Sum"), initial=left_minor or None
        )


@office("match", methods=("GET", "HEAD", "POST"))
def pay_out(request: OfficeRequest, customer_id: UUID) -> HttpResponse:
    """Ask for credit to be paid back."""
    staff = request.staff
    with reading(staff.desk.merchant_id) as session:
        known = one.customer(session, customer_id)
        found = grants.balances(session, [customer_id]).get(customer_id, [])
    left_minor = sum(each.paid_minor for each in found if each.currency == staff.currency)
    form = PayOutForm(request.POST or None, currency=staff.currency, left_minor=left_minor)
    if form.is_valid() and (made := _asked(staff, form, customer_id)):
        facts = {"sum": written.money(made.amount_minor, made.currency), "name": known.name}
        title = gettext("%(sum)s goes back to %(name)s.") % facts
        text = gettext("Make the transfer at the bank, with %(reference)s as its message.")
        say(request, "ok", title, text % {"reference": made.reference})
        return HttpResponseRedirect(reverse("office:payouts"))
    return page(request, "pay_out", "customers", form=form, customer=known, left_minor=left_minor)


@office("money")
def list_payouts(request: OfficeRequest) -> HttpResponse:
    """List what is paid back, and who has left while their money is here."""
    staff = request.staff
    with reading(staff.desk.merchant_id) as session:
        found = payouts.latest(session, SHOWN)
        owed = payouts.owed(session, staff.today, SHOWN)
    return page(request, "payouts", "bank", payouts=found, owed=owed, may_match=staff.may("match"))


@office("match", methods=("POST",))
def mark_paid(request: OfficeRequest, payout_id: UUID) -> HttpResponse:
    """Note that a payout has left."""
    staff = request.staff
    try:
        mark_paid_out(staff.desk.merchant_id, payout_id, staff.now, staff.actor)
    except Refused as refusal:
        say(request, "bad", refusal_text(refusal))
    else:
        say(request, "ok", gettext("The payout is marked as paid."))
    return HttpResponseRedirect(reverse("office:payouts"))


def _asked(staff: Staff, form: PayOutForm, customer_id: UUID) -> Payout | None:
    found = form.cleaned_data
    try:
        return pay(
            *(staff.desk.merchant_id, customer_id, found["amount"], found["iban"]),
            *(found["reason"], staff.now, staff.actor),
        )
    except Refused as refusal:
        form.refuse(refusal)
        return None
