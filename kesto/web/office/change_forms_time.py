"""What is asked when time, end or payer of a subscription change; and every form by its name."""

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from kesto.core.calendar import Alignment
from kesto.core.changes import (
    Cancel,
    ChangeBillingDay,
    ChangeCurrency,
    Command,
    Keep,
    Pause,
    Renew,
    Resume,
    Transfer,
    Withdraw,
)
from kesto.flows.show_subscription import ShownSubscription, offered_currencies
from kesto.web.office.change_forms import (
    NEXT_OR_NOW,
    AddOnForm,
    ChangeForm,
    CouponForm,
    EndDiscountForm,
    ExtraForm,
    PlanForm,
    QuantityForm,
    RemoveAddOnForm,
    Text,
    TimedForm,
    day_field,
)
from kesto.web.office.delivery_forms import AddressForm, SkipForm, UnskipForm

ALIGNMENTS: list[tuple[str, Text]] = [
    ("billing_day", gettext_lazy("On a day of the month")),
    ("calendar", gettext_lazy("With the calendar month")),
    ("anniversary", gettext_lazy("From the day of the change")),
]


class PauseForm(ChangeForm):
    """A pause."""

    on = day_field(gettext_lazy("First day of the pause"), gettext_lazy("Empty: today."))
    until = day_field(
        gettext_lazy("First day after the pause"), gettext_lazy("Empty: until it is resumed.")
    )
    percent = forms.DecimalField(
        label=gettext_lazy("Charged meanwhile"), min_value=0, max_value=100, required=False
    )

    def fill(self, about: ShownSubscription) -> None:
        """Begin with what the contract charges."""
        self.fields["percent"].initial = f"{about.life.terms.paused_percent.normalize():f}"

    def command(self) -> Command:
        """Pause."""
        return Pause(self.day(), self.day("until"), self.cleaned_data["percent"])


class ResumeForm(ChangeForm):
    """The end of a pause."""

    on = day_field(gettext_lazy("First day after the pause"), gettext_lazy("Empty: today."))

    def command(self) -> Command:
        """Resume."""
        return Resume(self.day())


class BillingDayForm(TimedForm):
    """Other billing periods."""

    alignment = forms.ChoiceField(label=gettext_lazy("Periods begin"), choices=ALIGNMENTS)
    when = forms.ChoiceField(label=gettext_lazy("When"), choices=NEXT_OR_NOW, required=False)
    billing_day = forms.IntegerField(
        label=gettext_lazy("Day of the month"),
        min_value=1,
        max_value=31,
        required=False,
        help_text=gettext_lazy("Only for a day of the month."),
    )
    field_order = ("alignment", "billing_day", "when", "on")

    def fill(self, about: ShownSubscription) -> None:
        """Begin with the day that holds now."""
        self.fields["billing_day"].initial = about.life.cadence.billing_day or 1

    def command(self) -> Command:
        """Cut time so."""
        alignment: Alignment = self.cleaned_data["alignment"]
        day = self.cleaned_data["billing_day"] or 0
        return ChangeBillingDay(
            *(alignment, day if alignment == "billing_day" else 0),
            on=self.day(),
            when=self.moment,
        )


class PayerForm(TimedForm):
    """Another payer."""

    payer = forms.CharField(
        label=gettext_lazy("Payer’s customer number"),
        max_length=200,
        help_text=gettext_lazy("The customer must be there already."),
    )
    when = forms.ChoiceField(label=gettext_lazy("When"), choices=NEXT_OR_NOW, required=False)
    field_order = ("payer", "when", "on")

    def command(self) -> Command:
        """Let the other pay."""
        return Transfer(self.cleaned_data["payer"].strip(), self.day(), self.moment)


class CurrencyForm(TimedForm):
    """Another currency."""

    currency = forms.ChoiceField(label=gettext_lazy("Currency"))
    when = forms.ChoiceField(label=gettext_lazy("When"), choices=NEXT_OR_NOW, required=False)
    field_order = ("currency", "when", "on")

    def fill(self, about: ShownSubscription) -> None:
        """Offer those that everything has prices in."""
        self.choose("currency", [(one, one) for one in offered_currencies(about)])

    def command(self) -> Command:
        """Sell in the other one."""
        return ChangeCurrency(self.cleaned_data["currency"], self.day(), self.moment)


class CancelForm(ChangeForm):
    """A notice."""

    notice_on = day_field(gettext_lazy("Day of the notice"), gettext_lazy("Empty: today."))
    last_day = day_field(
        gettext_lazy("Another last day"),
        gettext_lazy("Empty: the one that the contract and the law give."),
    )
    how = forms.ChoiceField(
        label=gettext_lazy("If that is before the contract’s last day"),
        required=False,
        choices=[
            ("", gettext_lazy("Don’t allow it")),
            ("waives_notice", gettext_lazy("Waive the notice")),
            ("leaves_early", gettext_lazy("Bill what leaving early costs")),
        ],
    )
    reason = forms.CharField(
        label=pgettext_lazy("of leaving", "Reason"), max_length=200, required=False
    )

    def command(self) -> Command:
        """Give notice."""
        asked = self.cleaned_data
        return Cancel(
            notice_on=self.day("notice_on"),
            last_day=self.day("last_day"),
            reason=asked["reason"],
            waives_notice=asked["how"] == "waives_notice",
            leaves_early=asked["how"] == "leaves_early",
        )


class KeepForm(ChangeForm):
    """A notice taken back; there is nothing to ask."""

    def command(self) -> Command:
        """Keep the subscription."""
        return Keep()


class WithdrawForm(ChangeForm):
    """The right of withdrawal."""

    on = day_field(gettext_lazy("First day without service"), gettext_lazy("Empty: today."))
    pays_for_use = forms.BooleanField(
        label=gettext_lazy("The days used are paid"), required=False, initial=True
    )

    def command(self) -> Command:
        """Undo the contract."""
        return Withdraw(self.day(), self.cleaned_data["pays_for_use"])


class RenewForm(ChangeForm):
    """A further term."""

    months = forms.IntegerField(
        label=gettext_lazy("For so many months"), min_value=0, max_value=1000
    )

    def fill(self, about: ShownSubscription) -> None:
        """Begin with what the contract says."""
        terms = about.life.terms
        self.fields["months"].initial = terms.renewal_months or terms.minimum_months or 12

    def command(self) -> Command:
        """Renew."""
        return Renew(self.cleaned_data["months"])


FORMS: Mapping[str, type[ChangeForm]] = {
    "plan": PlanForm,
    "quantity": QuantityForm,
    "add-on": AddOnForm,
    "remove-add-on": RemoveAddOnForm,
    "pause": PauseForm,
    "resume": ResumeForm,
    "coupon": CouponForm,
    "end-discount": EndDiscountForm,
    "extra": ExtraForm,
    "billing-day": BillingDayForm,
    "payer": PayerForm,
    "currency": CurrencyForm,
    "cancel": CancelForm,
    "keep": KeepForm,
    "withdraw": WithdrawForm,
    "renew": RenewForm,
    "skip": SkipForm,
    "unskip": UnskipForm,
    "address": AddressForm,
}
