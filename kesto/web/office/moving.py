"""Moving subscribers to another version of their plan: first what it comes to, then the deed."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from msgspec import Struct

from kesto.core.catalog import PlanVersion
from kesto.core.moving import Wanted
from kesto.core.refusals import NotFound, Refused
from kesto.flows.change_settings import MOST_NOTICE_DAYS
from kesto.flows.migrate_subscribers import (
    MIGRATE,
    MOST_REASON,
    Migration,
    ask_to_migrate,
    preview_migration,
)
from kesto.store import catalogue as store
from kesto.store import jobs, merchants
from kesto.store import meters as meter_store
from kesto.store.session import reading
from kesto.web.clock import real_now
from kesto.web.office import words, written
from kesto.web.office.catalogue import prices_in_short
from kesto.web.office.forms import AskedForm
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.ui.said import say
from kesto.web.ui.tariffs import Meters

SKIPPED: words.Words = {
    "moved": gettext_lazy("moved already"),
    "cancelled": gettext_lazy("the subscription ends"),
    "changes": gettext_lazy("another change of the plan lies ahead"),
    "phase": gettext_lazy("a trial or a starting phase runs"),
    "paused": gettext_lazy("paused, or a pause lies ahead"),
    "term_binds": gettext_lazy("the price is agreed until the term ends"),
    "no_price_list": gettext_lazy("the version has no such price list"),
}


class MoveForm(AskedForm):
    """Who is moved to what, from when, and how long before they are told."""

    on = forms.DateField(
        label=gettext_lazy("Not before this day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    notice_days = forms.IntegerField(
        label=gettext_lazy("Days from the message to the change, at least"),
        min_value=0,
        max_value=MOST_NOTICE_DAYS,
    )
    reason = forms.CharField(
        label=gettext_lazy("Why, in your own words"), max_length=MOST_REASON, required=False
    )

    def __init__(
        self, versions: Sequence[PlanVersion], meters: Meters, *values: Any, **options: Any
    ) -> None:
        super().__init__(*values, **options)
        choices = [(one.version, _version_words(one, meters)) for one in versions]
        for name, label in (
            ("to_version", gettext_lazy("The version they will have")),
            ("from_version", gettext_lazy("The version they have now")),
        ):
            field = forms.TypedChoiceField(label=label, choices=choices, coerce=int)
            self.fields = {name: field, **self.fields}

    def wanted(self, plan: str) -> Wanted:
        """The migration that is asked for."""
        return Wanted(plan, **self.cleaned_data)


def _version_words(version: PlanVersion, meters: Meters) -> str:
    """A version by its number and its prices."""
    facts = {"n": version.version, "price": prices_in_short(version, meters)}
    return gettext("Version %(n)d: %(price)s") % facts


class Shown(Struct, frozen=True):
    """What a migration comes to, in words."""

    found: Migration
    skipped: list[tuple[str, int]]


@office("publish", methods=("GET", "HEAD", "POST"))
def move_subscribers(request: OfficeRequest, code: str) -> HttpResponse:
    """Show what moving subscribers would come to; a second POST has it done."""
    staff = request.staff
    with reading(staff.desk.merchant_id) as session:
        plans = [one for one, _ in store.plan_versions(session).values() if one.plan == code]
        meters = meter_store.meters(session)
        days = merchants.limits(session).notice_days
        is_moving = jobs.is_waiting(session, MIGRATE)
    if not plans:
        raise NotFound("there is no such plan", code="unknown_plan", field="plan")
    versions = sorted(plans, key=lambda one: -one.version)
    initial = {
        "from_version": versions[min(1, len(versions) - 1)].version,
        "to_version": versions[0].version,
        "on": staff.today,
        "notice_days": days,
    }
    form = MoveForm(versions, meters, request.POST or None, initial=initial)
    shown = None
    if form.is_valid():
        try:
            found = _asked(request, form.wanted(code))
        except Refused as refusal:
            form.refuse(refusal)
        else:
            if found is None:
                return HttpResponseRedirect(reverse("office:move_subscribers", args=[code]))
            skipped = [(words.said(SKIPPED, why), n) for why, n in found.skipped.items()]
            shown = Shown(found, skipped)
    return page(
        request,
        "move_subscribers",
        "catalogue",
        code=code,
        name=written.name(versions[0].names),
        form=form,
        shown=shown,
        is_moving=is_moving,
    )


def _asked(request: OfficeRequest, wanted: Wanted) -> Migration | None:
    """What it would come to; None when it is being done."""
    staff = request.staff
    if request.POST.get("do") != "move":
        with reading(staff.desk.merchant_id) as session:
            return preview_migration(session, wanted, staff.now)
    merchant_id = staff.desk.merchant_id
    ask_to_migrate(merchant_id, wanted, staff.now, staff.actor, due_at=real_now())
    say(
        request,
        "ok",
        gettext("The subscribers are being moved."),
        gettext("Each of them is told by a message."),
    )
    return None
