"""A dry run: what a billing run would make, beside what was billed last; nothing is written."""

from collections.abc import Iterator
from datetime import date

from django.http import HttpResponse, StreamingHttpResponse

from kesto.flows.rehearse import Rehearsal, prepare, rehearse
from kesto.web.office.forms import ThroughForm
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.office.parked import cause_of
from kesto.web.ui.language import words_language
from kesto.words import foreseen
from kesto.words.foreseen import Foreseen, Sums

FEW_GROUPS = 5_000
"""So many are computed while somebody waits for the page; of more there is the file."""

MOST_SHOWN = 20


@office("money")
def dry_run(request: OfficeRequest) -> HttpResponse:
    """Show what a run would come to, and where it differs most from the last invoices."""
    form, through = _day(request)
    plan = _plan(request, through)
    is_computed = plan.groups <= FEW_GROUPS
    found = [one for part in plan.parts for one in rehearse(plan, part)] if is_computed else []
    sums = Sums()
    sums.count(found)
    changed = [
        one
        for one in found
        if one.is_invoice and one.before_minor is not None and one.difference_minor
    ]
    aside = [(one, cause_of(one.set_aside)) for one in found if one.set_aside]
    return page(
        request,
        "dry_run",
        "runs",
        form=form,
        through=through,
        groups=plan.groups,
        is_computed=is_computed,
        sums=sums,
        change_minor=sums.total_minor - sums.before_minor,
        changed=sorted(changed, key=_size, reverse=True)[:MOST_SHOWN],
        more=max(len(changed) - MOST_SHOWN, 0),
        aside=aside[:MOST_SHOWN],
    )


@office("money")
def dry_run_file(request: OfficeRequest) -> StreamingHttpResponse:
    """A row for each group, sent as it is computed."""
    _, through = _day(request)
    rows = _rows(_plan(request, through))
    answer = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="dry-run-{through}.csv"'
    return answer


def _day(request: OfficeRequest) -> tuple[ThroughForm, date]:
    """The day that is asked for; today where none is, or none that the calendar has."""
    today = request.staff.today
    asked = request.GET if "through" in request.GET else {"through": today.isoformat()}
    form = ThroughForm(asked, latest_on=today)
    through: date = form.cleaned_data["through"] if form.is_valid() else today
    return form, through


def _plan(request: OfficeRequest, through: date) -> Rehearsal:
    staff = request.staff
    return prepare(staff.desk.merchant_id, through, staff.now, language=words_language())


def _rows(plan: Rehearsal) -> Iterator[str]:
    yield foreseen.head()
    for part in plan.parts:
        yield foreseen.rows(rehearse(plan, part))


def _size(one: Foreseen) -> int:
    return abs(one.difference_minor)
