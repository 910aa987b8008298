"""The form in which a rejected event is mended: each field as it was sent."""

from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext_lazy

from kesto.core.metering.event import plain_text
from kesto.core.refusals import Refused
from kesto.store.usage.letters import Letter
from kesto.web.office import rejected_words
from kesto.web.office.forms import AskedForm

LONGEST = 200
TEXTS = ("id", "source", "customer", "subscription", "meter", "time")


class MendForm(AskedForm):
    """An event as programs send it, to be changed."""

    meter = forms.CharField(label=gettext_lazy("Meter"), max_length=LONGEST)
    customer = forms.CharField(
        label=gettext_lazy("Customer"),
        max_length=LONGEST,
        required=False,
        help_text=gettext_lazy("Number or id; or name the subscription."),
    )
    subscription = forms.CharField(
        label=gettext_lazy("Subscription"), max_length=LONGEST, required=False
    )
    time = forms.CharField(
        label=gettext_lazy("When it happened"),
        max_length=LONGEST,
        help_text=gettext_lazy("With its zone, such as 2026-12-01T12:00:00+02:00."),
    )
    value = forms.CharField(label=gettext_lazy("How much"), max_length=LONGEST, required=False)
    properties = forms.CharField(
        label=gettext_lazy("Properties"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy('As JSON: {"zone": "eu"}.'),
    )
    id = forms.CharField(
        label=gettext_lazy("Id of the event"),
        max_length=LONGEST,
        help_text=gettext_lazy("The same id is counted once, however often it is sent."),
    )
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=LONGEST,
        required=False,
        help_text=gettext_lazy("Which system gave the id."),
    )

    def __init__(self, letter: Letter, *values: Any, **options: Any) -> None:
        event = letter.event
        shown = {name: plain_text(event.get(name)) for name in (*TEXTS, "value")}
        shown["time"] = shown["time"] or letter.received_at.isoformat()
        shown["source"] = letter.source
        properties = event.get("properties")
        shown["properties"] = msgspec.json.encode(properties).decode() if properties else ""
        super().__init__(*values, **{**options, "initial": shown})
        self._sent_value = event.get("value")

    def clean_properties(self) -> object:
        """The properties, by name."""
        text: str = self.cleaned_data["properties"].strip()
        try:
            found = msgspec.json.decode(text) if text else {}
        except (msgspec.DecodeError, RecursionError):
            found = None
        if not isinstance(found, dict):
            said = gettext_lazy("Write JSON in braces: each name and value in quotes.")
            raise forms.ValidationError(said)
        return found

    def event(self) -> dict[str, object]:
        """The event as programs send it, once the form is valid."""
        asked = self.cleaned_data
        found: dict[str, object] = {name: asked[name] for name in TEXTS if asked[name]}
        if asked["value"]:
            # What nobody touched stays what it was: a number is no text.
            is_same = asked["value"] == plain_text(self._sent_value)
            found["value"] = self._sent_value if is_same else asked["value"]
        if asked["properties"]:
            found["properties"] = asked["properties"]
        return found

    def refuse(self, refusal: Refused) -> None:
        """Put a refusal beside its field, in words for who typed it."""
        field = refusal.field if refusal.field in self.fields else None
        text = rejected_words.reason(refusal.code)
        self.add_error(field, f"{text}. {rejected_words.remedy(refusal.code)}")
