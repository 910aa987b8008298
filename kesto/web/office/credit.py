"""Credit an invoice: what would happen first, then one button with the sum on it."""

from collections.abc import Iterator, Sequence

from django.forms import BoundField
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from msgspec import Struct

from kesto.core.crediting import Creditable
from kesto.core.refusals import Refused
from kesto.core.staff import CREDITS_UP_TO_A_LIMIT
from kesto.flows.credit import WHOLE, CreditPlan, Wanted, creditable, preview_credit
from kesto.flows.credit import credit as credit_invoice
from kesto.flows.show_invoice import show_invoice
from kesto.store.invoices import Stored
from kesto.store.office import invoices as listed
from kesto.store.office.invoices import Listed
from kesto.store.session import reading
from kesto.web.office import written
from kesto.web.office.credit_form import PARTS, CreditForm
from kesto.web.office.gate import OfficeRequest, Staff, office, page
from kesto.web.office.refusals import refusal_text
from kesto.web.ui.language import words_language
from kesto.web.ui.parts import Bill, BillRow, BillTotal
from kesto.web.ui.said import say
from kesto.words.forms import percent


class Choice(Struct, frozen=True):
    """A line that may be credited, with its two fields."""

    name: str
    period: str
    left_minor: int
    whole: BoundField
    amount: BoundField


@office("credit", methods=("GET", "HEAD", "POST"))
def credit(request: OfficeRequest, number: str) -> HttpResponse:
    """Preview a credit note, or make it."""
    staff = request.staff
    try:
        stored, left = creditable(staff.desk.merchant_id, number)
    except Refused as refusal:
        if request.method != "POST":
            raise
        say(request, "bad", refusal_text(refusal))
        return HttpResponseRedirect(reverse("office:invoice", args=[number]))
    names = _names(staff, stored)
    form = CreditForm(
        request.POST or None,
        currency=stored.invoice.currency,
        includes_tax=left.includes_tax,
        lines=[
            (own, names[own][0])
            for own, line in left.lines.items()
            if line.left_minor and not line.is_credit
        ],
    )
    wanted = form.wanted if form.says_what else WHOLE
    plan, refused = _planned(staff, number, wanted)
    if form.is_bound and not form.says_what:
        plan = refused = None
    if form.is_bound and refused is not None:
        form.refuse(refused)
    has_seen = (
        form.is_bound and plan is not None and form.data.get("seen", "") in _seen(plan, wanted)
    )
    if form.is_valid() and plan is not None and has_seen and not form.is_preview:
        note = _made(staff, form, number, wanted)
        if note:
            title = gettext("Invoice %(number)s is credited.") % {"number": number}
            say(request, "ok", title, gettext("Credit note %(number)s.") % {"number": note})
            return HttpResponseRedirect(reverse("office:invoice", args=[number]))
    return page(
        request,
        "credit",
        "invoices",
        form=form,
        invoice=_listed(staff, stored),
        parts=_parts(form),
        left_minor=left.total_left_minor,
        taken_minor=left.total_taken_minor,
        includes_tax=left.includes_tax,
        choices=[*_choices(form, left, names)],
        bill=_preview(plan, names) if plan else None,
        plan=plan,
        seen=_seen(plan, wanted)[0] if plan else "",
        is_unseen=form.is_bound and not form.errors and not form.is_preview,
        is_above_limit=refused is not None and refused.code == "above_limit",
        limit_minor=limit_of(staff),
    )


def limit_of(staff: Staff) -> int | None:
    """Up to which sum a member credits; None: any."""
    if staff.desk.role in CREDITS_UP_TO_A_LIMIT:
        return staff.desk.service_credit_minor
    return None


def _made(staff: Staff, form: CreditForm, number: str, wanted: Wanted) -> str:
    """Make the credit note; what refuses it is said beside what was typed."""
    try:
        return credit_invoice(
            *(staff.desk.merchant_id, number, form.cleaned_data["reason"], staff.now, staff.actor),
            wanted=wanted,
            limit_minor=limit_of(staff),
        )
    except Refused as refusal:
        form.refuse(refusal)
        return ""


def _planned(staff: Staff, number: str, wanted: Wanted) -> tuple[CreditPlan | None, Refused | None]:
    limit_minor = limit_of(staff)
    try:
        return preview_credit(staff.desk.merchant_id, number, wanted, limit_minor=limit_minor), None
    except Refused as refusal:
        return None, refusal


def _seen(plan: CreditPlan, wanted: Wanted) -> tuple[str, ...]:
    """What stands for a preview that was seen; all that is left may go without one."""
    lines = ",".join(f"{own}={minor}" for own, minor in plan.credit.lines.items())
    sums = (plan.credit.total_minor, plan.taken_minor, lines)
    seen = "/".join(map(str, sums))
    return (seen, "") if wanted == WHOLE else (seen,)


def _names(staff: Staff, stored: Stored) -> dict[int, tuple[str, str]]:
    """The name and the period of each line, by its number."""
    view = show_invoice(staff.desk.merchant_id, stored.number, words_language())
    return {
        own: (line.name, written.period(line.period_start, line.period_end))
        for own, line in zip(stored.line_numbers, view.lines, strict=True)
    }


def _listed(staff: Staff, stored: Stored) -> Listed:
    own = stored.invoice.id
    with reading(staff.desk.merchant_id) as session:
        return listed.with_ids(session, [own])[own]


def _parts(form: CreditForm) -> list[tuple[str, object, bool]]:
    chosen = (form.data.get("part") if form.is_bound else "") or "whole"
    return [(code, name, code == chosen) for code, name in PARTS]


def _choices(
    form: CreditForm, left: Creditable, names: dict[int, tuple[str, str]]
) -> Iterator[Choice]:
    for own in form.numbers:
        name, period = names[own]
        fields = form[f"all_{own}"], form[f"line_{own}"]
        yield Choice(name, period, left.lines[own].left_minor, *fields)


def _preview(plan: CreditPlan, names: dict[int, tuple[str, str]]) -> Bill:
    """What the credit note comes to, and where the money goes."""
    currency, made = plan.stored.invoice.currency, plan.credit
    rows = [
        BillRow(names[own][0], written.money(-minor, currency), note=names[own][1])
        for own, minor in made.lines.items()
    ]
    totals = [*_vat(plan)]
    title = gettext("Credit note on %(number)s") % {"number": plan.stored.number}
    totals.append(BillTotal(title, written.money(-made.total_minor, currency)))
    if plan.taken_minor:
        taken = written.money(-plan.taken_minor, currency)
        totals.append(BillTotal(gettext("Taken off the invoice"), taken, is_quiet=True))
    if plan.kept_minor:
        kept = written.money(plan.kept_minor, currency)
        totals.append(BillTotal(gettext("Paid already: kept as credit"), kept, is_quiet=True))
    if plan.given_back_minor:
        back = written.money(plan.given_back_minor, currency)
        totals.append(BillTotal(gettext("Comes back as credit before VAT"), back, is_quiet=True))
    left = gettext("Left to pay of the invoice")
    totals.append(BillTotal(left, written.money(plan.left_open_minor, currency), is_quiet=True))
    return Bill(gettext("What happens"), rows, totals)


def _vat(plan: CreditPlan) -> Sequence[BillTotal]:
    label = gettext("VAT %(rate)s")
    if plan.creditable.includes_tax:
        label = gettext("of which VAT %(rate)s")
    return [
        BillTotal(
            label % {"rate": percent(group.rate_percent, words_language())},
            written.money(-group.tax_minor, plan.stored.invoice.currency),
            is_quiet=True,
        )
        for group in plan.credit.taxes
    ]
