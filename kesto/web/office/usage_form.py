"""The form in which usage is entered by hand."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy

from kesto.core.catalog import SoldMeter
from kesto.core.ids import shown
from kesto.core.metering.aggregations import AGGREGATIONS
from kesto.core.metering.event import Event, Problem
from kesto.core.refusals import Refused
from kesto.flows.show_subscription import ShownSubscription
from kesto.web.office.draft_price import number
from kesto.web.office.forms import AskedForm

LONGEST = 200
MINUTE = "%Y-%m-%dT%H:%M"
SECOND = "%Y-%m-%dT%H:%M:%S"
REFUSED = {
    "too_old": gettext_lazy("This is more than thirteen months ago. It can’t be taken in."),
    "in_future": gettext_lazy("This lies more than a day ahead. Enter it when it has happened."),
    "billed_already": gettext_lazy("This day is billed, and the meter refuses what comes late."),
    "conflict": gettext_lazy("Another event has this id. Give this one an id of its own."),
    "bad_value": gettext_lazy("Write a number or a short text on one line."),
    "unknown_meter": gettext_lazy("There is no such meter."),
}
NUMBERS_ONE = gettext_lazy("This meter counts an amount. Write how much, such as 12.5.")
NAMES_ONE = gettext_lazy("This meter counts different values. Write which one it is.")
OF_PROPERTY = gettext_lazy(
    "This meter counts the property %(name)s. Write it, such as %(name)s = 12.5."
)


class UsageForm(AskedForm):
    """What happened: of which meter, when, how much."""

    meter = forms.ChoiceField(label=gettext_lazy("Meter"))
    time = forms.DateTimeField(
        label=gettext_lazy("When it happened"),
        input_formats=[MINUTE, SECOND],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTE),
    )
    value = forms.CharField(
        label=gettext_lazy("How much"),
        max_length=LONGEST,
        required=False,
        help_text=gettext_lazy("Such as 12.5. A meter that counts events needs nothing here."),
    )
    properties = forms.CharField(
        label=gettext_lazy("Properties"),
        max_length=5_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One a line, such as: zone = eu. Prices may go by them."),
    )
    id = forms.CharField(
        label=gettext_lazy("Id of the event"),
        max_length=LONGEST,
        help_text=gettext_lazy("The same id is counted once, however often it is entered."),
    )

    def __init__(
        self,
        about: ShownSubscription,
        meters: Sequence[tuple[str, str]],
        known: Mapping[str, SoldMeter],
        *values: Any,
        **options: Any,
    ) -> None:
        super().__init__(*values, **options)
        self.about = about
        self.known = known
        label = gettext_lazy("Meter")
        self.fields["meter"] = forms.ChoiceField(label=label, choices=meters)
        self.order_fields(["meter", "time", "value", "properties", "id"])

    def clean_time(self) -> datetime:
        """The instant, by the subscription's own zone."""
        typed: datetime = self.cleaned_data["time"]
        return typed.replace(tzinfo=ZoneInfo(self.about.life.zone))

    def clean_value(self) -> str:
        """A number with a point; another text as it is."""
        text: str = self.cleaned_data["value"]
        plain = number(text)
        return plain if plain.replace(".", "", 1).lstrip("-").isdigit() else text

    def clean_properties(self) -> dict[str, str]:
        """The properties by name."""
        found: dict[str, str] = {}
        for line in self.cleaned_data["properties"].splitlines():
            name, equals, value = (part.strip() for part in line.partition("="))
            if not line.strip():
                continue
            if not equals or not name or name in found:
                text = gettext_lazy("Write a name, = and a value on each line, each name once.")
                raise forms.ValidationError(text)
            found[name] = value
        return found

    def clean(self) -> dict[str, Any]:
        """Everything; what the meter could not count is refused here, where it can be mended."""
        found: dict[str, Any] = super().clean() or {}
        sold = self.known.get(found.get("meter", ""))
        if sold is None or not {"time", "value", "properties"} <= found.keys():
            return found
        meter = sold.meter
        event = Event(found["time"], found["value"] or None, found["properties"])
        problem = AGGREGATIONS[meter.aggregation].read(meter, event)
        if isinstance(problem, Problem):
            field = "properties" if meter.property_name else "value"
            says = NAMES_ONE if meter.aggregation == "unique" else NUMBERS_ONE
            name = meter.property_name
            self.add_error(field, str(OF_PROPERTY) % {"name": name} if name else str(says))
        return found

    def event(self) -> dict[str, object]:
        """The event as programs send it, once the form is valid."""
        asked = self.cleaned_data
        found: dict[str, object] = {
            "id": asked["id"],
            "meter": asked["meter"],
            "subscription": shown("subscription", self.about.id),
            "time": asked["time"].isoformat(),
        }
        if asked["value"]:
            found["value"] = asked["value"]
        if asked["properties"]:
            found["properties"] = asked["properties"]
        return found

    def refuse(self, refusal: Refused) -> None:
        """Put a refusal beside its field, in words for who typed it."""
        if refusal.code in REFUSED and refusal.field in self.fields:
            self.add_error(refusal.field, REFUSED[refusal.code])
        else:
            super().refuse(refusal)
