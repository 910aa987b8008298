"""The forms of coupons, meters and features."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from kesto.adapters.files import checks
from kesto.core.refusals import Invalid
from kesto.web.office.editor_words import (
    AGGREGATIONS,
    DURATIONS,
    KINDS,
    LABELS,
    LATE,
    ONE_LANGUAGE,
    RESOLUTIONS,
)
from kesto.web.office.forms import AskedForm

LONGEST = 200
BAD_CODE = gettext_lazy("Codes have letters a to z, digits, dot, hyphen and underscore.")


class NameField(forms.CharField):
    """A name in one language; one of them is needed, whichever."""

    is_one_of = True


class CodesField(forms.CharField):
    """Codes with commas or blanks between them."""

    def clean(self, value: Any) -> Any:
        """The codes, each once."""
        found = tuple(super().clean(value).replace(",", " ").split())
        try:
            return tuple(dict.fromkeys(checks.code(one) for one in found))
        except Invalid:
            raise forms.ValidationError(BAD_CODE) from None


class PercentField(forms.DecimalField):
    """A percentage, or something else instead of it."""

    is_one_of = True


class NamedForm(AskedForm):
    """Names in the languages of customers, at least one, and a code."""

    name_fi = NameField(
        label=LABELS["name_fi"], max_length=LONGEST, required=False, help_text=ONE_LANGUAGE
    )
    name_sv = NameField(label=LABELS["name_sv"], max_length=LONGEST, required=False)
    name_en = NameField(label=LABELS["name_en"], max_length=LONGEST, required=False)
    code = forms.CharField(
        label=LABELS["code"],
        max_length=64,
        help_text=gettext_lazy(
            "For programs and files, such as: summer-2027. Letters a to z, digits and hyphens."
        ),
    )

    def clean_code(self) -> str:
        """The code, as files have it."""
        try:
            return checks.code(self.cleaned_data["code"])
        except Invalid:
            raise forms.ValidationError(BAD_CODE) from None

    def clean(self) -> dict[str, Any]:
        """Everything, with at least one name."""
        found: dict[str, Any] = super().clean() or {}
        if not any(found.get(f"name_{one}") for one in checks.LANGUAGES):
            self.add_error("name_fi", gettext_lazy("Give a name in one language at least."))
        return found

    @property
    def names(self) -> dict[str, str]:
        """The names by language."""
        given = self.cleaned_data
        return {one: given[f"name_{one}"] for one in checks.LANGUAGES if given.get(f"name_{one}")}


class CouponForm(NamedForm):
    """A discount that can be given."""

    percent = PercentField(
        label=gettext_lazy("Percent off"),
        min_value=0,
        max_value=100,
        required=False,
        help_text=gettext_lazy("Give a percentage or a sum, not both."),
    )
    amount = NameField(
        label=gettext_lazy("Or a sum off"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("Off each bill, as the prices are: with VAT where they include it."),
    )
    currency = forms.CharField(
        label=LABELS["currency"],
        max_length=3,
        required=False,
        help_text=gettext_lazy("Of the sum, by three letters."),
    )
    duration = forms.ChoiceField(label=gettext_lazy("For"), choices=DURATIONS.items())
    periods = forms.IntegerField(
        label=gettext_lazy("How many periods"),
        min_value=1,
        max_value=120,
        required=False,
        help_text=gettext_lazy("Only for several periods."),
    )
    codes = CodesField(
        label=gettext_lazy("Codes that subscribers type in"),
        max_length=2000,
        required=False,
        help_text=gettext_lazy("With commas or blanks between them. Capitals make no difference."),
    )
    plans = CodesField(
        label=LABELS["plans"],
        max_length=2000,
        required=False,
        help_text=gettext_lazy("Empty: with every plan."),
    )
    products = CodesField(
        label=gettext_lazy("Only for these products (codes)"),
        max_length=2000,
        required=False,
        help_text=gettext_lazy("Empty: off all that is sold with it."),
    )
    most_uses = forms.IntegerField(
        label=gettext_lazy("Uses at most"),
        min_value=1,
        max_value=10**9,
        required=False,
        help_text=gettext_lazy("Empty: as often as it is given."),
    )
    most_uses_per_customer = forms.IntegerField(
        label=gettext_lazy("Uses at most by one customer"),
        min_value=1,
        max_value=10**9,
        required=False,
    )
    valid_from = forms.DateField(
        label=gettext_lazy("First day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    valid_until = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class ChangeCouponForm(AskedForm):
    """What may change of a coupon: its last day, and further codes."""

    valid_until = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    codes = CodesField(label=gettext_lazy("Further codes"), max_length=2000, required=False)


class MeterForm(NamedForm):
    """What is counted."""

    aggregation = forms.ChoiceField(
        label=gettext_lazy("What is counted"), choices=AGGREGATIONS.items()
    )
    property_name = forms.CharField(
        label=gettext_lazy("Property of the events, empty for their value"),
        max_length=201,
        required=False,
        help_text=gettext_lazy("Such as: gigabytes, or computed: = value / 1024."),
    )
    group_by = CodesField(
        label=gettext_lazy("Counted apart by these properties"),
        max_length=400,
        required=False,
        help_text=gettext_lazy("Such as: zone, network. Prices can then go by them."),
    )
    unit = forms.CharField(label=gettext_lazy("Unit, such as GB"), max_length=40, required=False)
    late = forms.ChoiceField(
        label=gettext_lazy("Late events"),
        choices=LATE.items(),
        help_text=gettext_lazy("What comes for days that are billed already."),
    )


class PriceSeriesForm(AskedForm):
    """Prices by the hour or quarter-hour that come in as they become known."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=LONGEST)
    code = forms.CharField(label=LABELS["code"], max_length=64)
    resolution = forms.ChoiceField(
        label=gettext_lazy("A price for each"), choices=RESOLUTIONS.items()
    )
    currency = forms.CharField(label=LABELS["currency"], max_length=3)
    unit = forms.CharField(label=gettext_lazy("Unit, such as kWh"), max_length=40, required=False)


class PriceFileForm(AskedForm):
    """A file with prices."""

    file = forms.FileField(label=gettext_lazy("File of prices (CSV)"))


class FeatureForm(NamedForm):
    """Something that a subscriber may do or have."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=KINDS.items())
    meter = forms.ChoiceField(label=LABELS["meter"], required=False)

    def __init__(self, *args: Any, meters: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        label = LABELS["meter"]
        choices = [("", "–"), *meters]
        self.fields["meter"] = forms.ChoiceField(
            label=label,
            required=False,
            choices=choices,
            help_text=gettext_lazy("Only for a limit of what a meter counts."),
        )
