"""The form of a credit note: what is credited, why, and what was seen before it is confirmed."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from kesto.flows.credit import WHOLE, Lines, Sum, Wanted
from kesto.web.office.forms import AskedForm, MinorField

PARTS = (
    ("whole", gettext_lazy("All that is left")),
    ("lines", gettext_lazy("Chosen lines")),
    ("sum", gettext_lazy("A sum")),
)


class CreditForm(AskedForm):
    """What is credited of an invoice; lines are chosen by their numbers."""

    part = forms.ChoiceField(choices=PARTS, required=False)
    with_tax = forms.BooleanField(
        label=gettext_lazy("The sum includes VAT"), required=False, initial=True
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *values: Any,
        currency: str,
        includes_tax: bool,
        lines: Sequence[tuple[int, str]],
        **options: Any,
    ) -> None:
        super().__init__(*values, **options)
        self.numbers = [number for number, _ in lines]
        self.fields["amount"] = MinorField(currency, label=gettext_lazy("Sum"), required=False)
        if includes_tax:
            del self.fields["with_tax"]
        for number, name in lines:
            self.fields[f"all_{number}"] = forms.BooleanField(label=name, required=False)
            part = MinorField(currency, label=name, required=False)
            part.widget.attrs["class"] = "input input-num"
            self.fields[f"line_{number}"] = part
        self.is_preview = "preview" in self.data
        if self.is_preview:
            self.fields["reason"].required = False

    def clean(self) -> dict[str, Any]:
        """Ask for a sum, or for a line, where that is what is credited."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        self.fields["reason"].required = True  # only looking goes without; the page asks for it
        part = found.get("part")
        if part == "sum" and found.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", gettext_lazy("Give a sum, such as 100.00."))
        if part == "lines" and not self.errors and not self._amounts(found):
            self.add_error(None, gettext_lazy("Choose a line, or give a sum for one."))
        return found

    @property
    def says_what(self) -> bool:
        """Whether it is known what is to be credited, if not why."""
        return self.is_bound and not self.errors.keys() - {"reason"}

    @property
    def wanted(self) -> Wanted:
        """What is to be credited, where the form says it."""
        found = self.cleaned_data
        if found["part"] == "lines":
            return Lines(self._amounts(found))
        if found["part"] == "sum":
            return Sum(found["amount"], found.get("with_tax", True))
        return WHOLE

    def _amounts(self, found: dict[str, Any]) -> dict[int, int | None]:
        """The lines with a sum of their own or in full; a sum of its own counts."""
        given = {number: found.get(f"line_{number}") for number in self.numbers}
        return {
            number: minor
            for number, minor in given.items()
            if minor is not None or found.get(f"all_{number}")
        }
