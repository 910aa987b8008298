"""What is asked when a subscription changes: a form for each command, filled from what runs now.

A form's fields are named as the command's, so that a refusal finds its place.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from kesto.core.changes import (
    AddAddOn,
    AddExtra,
    ChangePlan,
    ChangeQuantity,
    Command,
    EndDiscount,
    GiveCoupon,
    RemoveAddOn,
)
from kesto.core.changes.command import When
from kesto.core.discount_lines import StandingDiscount
from kesto.flows.show_subscription import ShownSubscription, offered_add_ons, offered_plans
from kesto.web.office import written
from kesto.web.office.forms import AskedForm
from kesto.web.office.subscriptions import priced_name
from kesto.web.ui.language import words_language
from kesto.words.changes import coupon_name

Text = str | Promise

WHENS: list[tuple[str, Text]] = [
    ("", gettext_lazy("As usual: more at once, less with the next period")),
    ("now", gettext_lazy("Now")),
    ("period_end", gettext_lazy("When the next period begins")),
]
NEXT_OR_NOW = [WHENS[2], WHENS[1]]


def day_field(label: Any, help_text: Any = "", *, required: bool = False) -> forms.DateField:
    """A day; as a rule it may be left out."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=help_text, required=required, widget=widget)


class ChangeForm(AskedForm):
    """A form that comes to a command on a subscription."""

    def __init__(self, about: ShownSubscription, *values: Any, **options: Any) -> None:
        super().__init__(*values, **options)
        self.about = about
        self.fill(about)

    def fill(self, about: ShownSubscription) -> None:
        """Put in the choices that this subscription has."""

    def command(self) -> Command:
        """What is asked for, once the form is valid."""
        raise NotImplementedError

    def choose(self, field: str, choices: Iterable[tuple[str, str]]) -> None:
        """Offer these in a list."""
        cast("forms.ChoiceField", self.fields[field]).choices = [*choices]

    def day(self, field: str = "on") -> date | None:
        """A day that was given, or None."""
        found: date | None = self.cleaned_data[field]
        return found

    @property
    def moment(self) -> When:
        """When it is to be, where no day was given."""
        found: When = self.cleaned_data["when"]
        return found


class TimedForm(ChangeForm):
    """A change with a day: as usual, now, with the next period, or on a day."""

    when = forms.ChoiceField(label=gettext_lazy("When"), choices=WHENS, required=False)
    on = day_field(gettext_lazy("Or on this day"), gettext_lazy("Leave it empty otherwise."))


class PlanForm(TimedForm):
    """Another plan."""

    plan = forms.ChoiceField(label=gettext_lazy("Plan"))
    quantity = forms.DecimalField(
        label=gettext_lazy("Quantity"),
        required=False,
        help_text=gettext_lazy("Leave it empty to keep the quantity."),
    )
    field_order = ("plan", "quantity", "when", "on")

    def fill(self, about: ShownSubscription) -> None:
        """Offer the plans of the same price list with what they cost."""
        counter = about.shop
        self.choose(
            "plan",
            [
                (one.plan, priced_name(one.names, counter.prices_of(one), about.meters))
                for one in offered_plans(counter)
            ],
        )

    def command(self) -> Command:
        """Go over to the plan."""
        asked = self.cleaned_data
        return ChangePlan(
            asked["plan"], quantity=asked["quantity"], on=self.day(), when=self.moment
        )


class QuantityForm(TimedForm):
    """Another quantity of the plan or of an add-on."""

    add_on = forms.ChoiceField(label=gettext_lazy("Of what"), required=False)
    quantity = forms.DecimalField(label=gettext_lazy("Quantity"))
    field_order = ("add_on", "quantity", "when", "on")

    def fill(self, about: ShownSubscription) -> None:
        """Offer the plan and the add-ons that run."""
        plan = about.plan
        self.choose(
            "add_on",
            [
                ("", written.name(plan.names) if plan else gettext("Plan")),
                *((one.own.code, written.name(one.names)) for one in about.add_ons),
            ],
        )
        if plan is not None:
            quantity = plan.own.quantity_at(about.today)
            self.fields["quantity"].initial = f"{quantity.normalize():f}"

    def command(self) -> Command:
        """Take the quantity."""
        asked = self.cleaned_data
        return ChangeQuantity(asked["quantity"], asked["add_on"], self.day(), self.moment)


class AddOnForm(TimedForm):
    """An add-on as well."""

    add_on = forms.ChoiceField(label=gettext_lazy("Add-on"))
    quantity = forms.DecimalField(label=gettext_lazy("Quantity"), initial=1)
    field_order = ("add_on", "quantity", "when", "on")

    def fill(self, about: ShownSubscription) -> None:
        """Offer the add-ons that go with the plan and are not there."""
        taken = {one.own.code for one in about.add_ons}
        plan = about.plan.own.code if about.plan else ""
        self.choose(
            "add_on",
            [
                (one.code, priced_name(one.names, about.shop.prices_of(one), about.meters))
                for one in offered_add_ons(about.shop, plan)
                if one.code not in taken
            ],
        )

    def command(self) -> Command:
        """Take the add-on."""
        asked = self.cleaned_data
        return AddAddOn(asked["add_on"], asked["quantity"], self.day(), self.moment)


class RemoveAddOnForm(TimedForm):
    """An add-on no more."""

    add_on = forms.ChoiceField(label=gettext_lazy("Add-on"))
    field_order = ("add_on", "when", "on")

    def fill(self, about: ShownSubscription) -> None:
        """Offer the add-ons that are there."""
        self.choose("add_on", [(one.own.code, written.name(one.names)) for one in about.add_ons])

    def command(self) -> Command:
        """Give the add-on up."""
        return RemoveAddOn(self.cleaned_data["add_on"], self.day(), self.moment)


class CouponForm(ChangeForm):
    """A coupon."""

    coupon = forms.CharField(
        label=gettext_lazy("Coupon"),
        max_length=100,
        help_text=gettext_lazy("Its code, or one that the customer was given."),
    )
    on = day_field(gettext_lazy("From this day"), gettext_lazy("Empty: today."))
    is_for_all = forms.BooleanField(
        label=gettext_lazy("For everything that the payer buys"), required=False
    )

    def fill(self, about: ShownSubscription) -> None:
        """Offer the coupons that there are, where there are any."""
        coupons = {one.code: one for one in about.shop.coupons.values()}
        if coupons:
            choices = [
                (code, written.name(one.names) or code) for code, one in sorted(coupons.items())
            ]
            self.fields["coupon"] = forms.ChoiceField(label=gettext_lazy("Coupon"), choices=choices)

    def command(self) -> Command:
        """Give the coupon."""
        asked = self.cleaned_data
        return GiveCoupon(asked["coupon"], self.day(), asked["is_for_all"])


def is_running(one: StandingDiscount, today: date) -> bool:
    """Whether a discount counts on a day or will."""
    return one.until_on is None or today < one.until_on


class EndDiscountForm(ChangeForm):
    """The end of a discount."""

    coupon = forms.ChoiceField(label=gettext_lazy("Discount"))
    on = day_field(gettext_lazy("Not for periods from this day on"), gettext_lazy("Empty: today."))

    def fill(self, about: ShownSubscription) -> None:
        """Offer the discounts that count."""
        running = [one for one in about.life.discounts if is_running(one, about.today)]
        named = {
            one.code: coupon_name(about.known.coupons, one.code, words_language())
            for one in running
        }
        self.choose("coupon", list(named.items()))

    def command(self) -> Command:
        """End the discount."""
        return EndDiscount(self.cleaned_data["coupon"], self.day())


class ExtraForm(ChangeForm):
    """Something once."""

    product = forms.ChoiceField(label=gettext_lazy("Product"))
    text = forms.CharField(
        label=gettext_lazy("Text on the invoice"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("In the customer’s language; empty: the product’s name."),
    )
    unit_amount = forms.DecimalField(label=gettext_lazy("Price each"), max_digits=18, min_value=0)
    quantity = forms.DecimalField(label=gettext_lazy("Quantity"), initial=1)
    on = day_field(gettext_lazy("On this day"), gettext_lazy("Empty: today."))

    def fill(self, about: ShownSubscription) -> None:
        """Offer all products."""
        names = about.known.products
        products = about.shop.products.values()
        self.choose("product", [(one.code, written.name(names[one.id])) for one in products])
        with_tax, without = gettext_lazy("VAT included."), gettext_lazy("VAT comes on top.")
        includes_tax = about.found.includes_tax
        self.fields["unit_amount"].help_text = with_tax if includes_tax else without

    def command(self) -> Command:
        """Sell it."""
        asked = self.cleaned_data
        texts = {self.about.payer.language: asked["text"]} if asked["text"] else {}
        return AddExtra(
            asked["product"], asked["unit_amount"], asked["quantity"], texts, self.day()
        )
