"""What is asked of a new subscription."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from kesto.core.calendar import Alignment
from kesto.core.catalog import AddOn, PlanVersion
from kesto.core.subscription import NewSubscription, Term
from kesto.web.office.change_forms import day_field
from kesto.web.office.change_forms_time import ALIGNMENTS
from kesto.web.office.customer_forms import text_field
from kesto.web.office.forms import AskedForm
from kesto.web.office.subscriptions import priced_name
from kesto.web.ui.tariffs import Meters

BEGINNINGS = [*ALIGNMENTS[:-1], ("anniversary", gettext_lazy("On the first day"))]


class WhichPlanForm(AskedForm):
    """Which plan is ordered; what the order says is prefilled from it."""

    plan = forms.ChoiceField(label=gettext_lazy("Plan"))

    def __init__(
        self, plans: Sequence[PlanVersion], *values: Any, meters: Meters, **options: Any
    ) -> None:
        super().__init__(*values, **options)
        cast("forms.ChoiceField", self.fields["plan"]).choices = plan_choices(plans, meters)


class OrderForm(WhichPlanForm):
    """A new subscription."""

    id = forms.UUIDField(widget=forms.HiddenInput)
    add_ons = forms.MultipleChoiceField(
        label=gettext_lazy("Add-ons"), required=False, widget=forms.CheckboxSelectMultiple
    )
    quantity = forms.DecimalField(label=gettext_lazy("Quantity"), initial=1)
    start_on = day_field(gettext_lazy("First day"), required=True)
    alignment = forms.ChoiceField(label=gettext_lazy("Periods begin"), choices=BEGINNINGS)
    billing_day = forms.IntegerField(
        label=gettext_lazy("Day of the month"),
        min_value=1,
        max_value=31,
        required=False,
        help_text=gettext_lazy("Only for a day of the month."),
    )
    minimum_months = forms.IntegerField(
        label=gettext_lazy("Minimum, months"), min_value=0, max_value=120
    )
    notice_days = forms.IntegerField(
        label=gettext_lazy("Notice, days"), min_value=0, max_value=3650
    )
    payer = text_field(
        gettext_lazy("Payer’s customer number"), gettext_lazy("Empty: the customer pays.")
    )
    user = text_field(
        pgettext_lazy("of a subscription", "User’s customer number"),
        gettext_lazy("Empty: the customer uses it."),
    )
    coupon = text_field(
        gettext_lazy("Coupon"),
        gettext_lazy("Its code, or one that subscribers type in. It counts from the first day."),
    )
    is_separate = forms.BooleanField(
        label=gettext_lazy("Bill it on invoices of its own"), required=False
    )
    external_id = text_field(
        gettext_lazy("Contract number"), gettext_lazy("Empty: one of Kesto’s own.")
    )
    field_order = ("id", "plan", "quantity", "add_ons")

    def __init__(
        self,
        plans: Sequence[PlanVersion],
        add_ons: Sequence[AddOn],
        *values: Any,
        meters: Meters,
        **options: Any,
    ) -> None:
        super().__init__(plans, *values, meters=meters, **options)
        self.fields["coupon"].widget.attrs |= {"list": "coupons", "autocomplete": "off"}
        cast("forms.MultipleChoiceField", self.fields["add_ons"]).choices = [
            (one.code, priced_name(one.names, one.prices, meters)) for one in add_ons
        ]

    def order(self, holder: str) -> NewSubscription:
        """The order, once the form is valid."""
        asked = self.cleaned_data
        alignment: Alignment = asked["alignment"]
        return NewSubscription(
            id=asked["id"],
            external_id=asked["external_id"].strip() or asked["id"].hex,
            holder=holder,
            plan=asked["plan"],
            start_on=asked["start_on"],
            payer=asked["payer"].strip(),
            user=asked["user"].strip(),
            add_ons=tuple(asked["add_ons"]),
            quantity=asked["quantity"],
            alignment=alignment,
            billing_day=(asked["billing_day"] or 0) if alignment == "billing_day" else 0,
            term=Term(asked["minimum_months"], asked["notice_days"]),
            is_consolidated=not asked["is_separate"],
            coupon=asked["coupon"].strip(),
        )


def plan_choices(plans: Sequence[PlanVersion], meters: Meters) -> list[tuple[str, str]]:
    """Plans with their prices, for a list."""
    return [(one.plan, priced_name(one.names, one.prices, meters)) for one in plans]
