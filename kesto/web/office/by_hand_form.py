"""The form of an invoice that is written by hand; rows that are empty are left out."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from kesto.core.refusals import Refused, RefusedTogether
from kesto.flows.write_invoice import LONGEST_TEXT, MOST_LINES, NewInvoice, NewLine
from kesto.web.office.forms import AskedForm
from kesto.web.office.price_hints import Taxed, price_hint
from kesto.web.office.refusals import refusal_text

FIRST_ROWS = 3
FIELDS = ("text", "product", "quantity", "unit_amount")


class LineField(forms.CharField):
    """A part of a line: needed in each line that is written, while one line is enough."""

    is_one_of = True


class FigureField(LineField):
    """A decimal as people write it, with a comma or a point."""

    def clean(self, value: Any) -> Decimal | None:
        """The decimal; None for nothing where nothing is required."""
        text = super().clean(value).replace(" ", "").replace("\N{NO-BREAK SPACE}", "")
        if not text:
            return None
        try:
            found = Decimal(text.replace(",", "."))
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite():
            raise forms.ValidationError(gettext_lazy("Give a number, such as 1.5."))
        return found


class HandForm(AskedForm):
    """Lines with text, product, quantity and price; `more` asks for further rows."""

    includes_tax = forms.BooleanField(
        label=gettext_lazy("Prices include VAT"), required=False, initial=True
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *values: Any, products: Mapping[str, str], **options: Any) -> None:
        super().__init__(*values, **options)
        self.asks_for_rows = "more" in self.data
        self.only_shows = self.asks_for_rows or "draw" in self.data
        self.is_preview = "preview" in self.data
        asked = str(self.data.get("rows", ""))
        rows = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else FIRST_ROWS  # noqa: PLR2004 - of four digits none is right
        self.rows = min(rows + (FIRST_ROWS if self.asks_for_rows else 0), MOST_LINES)
        for row in range(self.rows):
            self.fields[f"text_{row}"] = LineField(
                label=gettext_lazy("Text"), max_length=LONGEST_TEXT, required=False
            )
            self.fields[f"product_{row}"] = forms.ChoiceField(
                label=gettext_lazy("Product"), choices=[*products.items()], required=False
            )
            self.fields[f"quantity_{row}"] = FigureField(
                label=gettext_lazy("Quantity"), max_length=20, required=False, initial="1"
            )
            self.fields[f"unit_amount_{row}"] = FigureField(
                label=gettext_lazy("Price of one"), max_length=20, required=False
            )

    def say_vat(self, rates: Mapping[str, Decimal | None], currency: str) -> None:
        """Say at each price whether it is with VAT, at which rate, and the other figure."""
        includes_tax = bool(self["includes_tax"].value())
        for row in range(self.rows):
            product = self[f"product_{row}"].value() or next(iter(rates), "")
            taxed = Taxed(includes_tax, rates.get(product), currency)
            price = self[f"unit_amount_{row}"]
            price.help_text = price_hint("amount", str(price.value() or ""), taxed)

    @property
    def live(self) -> str:
        """The hints that change while somebody types, as the page asks for them."""
        return ",".join(f"#id_unit_amount_{row}-hint" for row in range(self.rows))

    @property
    def lines(self) -> list[list[forms.BoundField]]:
        """The fields of each row."""
        return [[self[f"{name}_{row}"] for name in FIELDS] for row in range(self.rows)]

    @property
    def filled(self) -> list[int]:
        """The rows that something is written in."""
        found = self.cleaned_data
        return [
            row
            for row in range(self.rows)
            if found.get(f"text_{row}") or found.get(f"unit_amount_{row}") is not None
        ]

    @property
    def wanted(self) -> NewInvoice:
        """The invoice that is asked for, of a form that is valid."""
        found = self.cleaned_data
        lines = tuple(
            NewLine(
                found[f"text_{row}"],
                found[f"product_{row}"],
                found[f"quantity_{row}"] or Decimal(0),
                found[f"unit_amount_{row}"],
            )
            for row in self.filled
        )
        return NewInvoice(lines, found["includes_tax"])

    def clean(self) -> dict[str, Any]:
        """Ask for a price where there is a text, and for one line at least."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        for row in self.filled:
            amount = f"unit_amount_{row}"
            if found.get(amount) is None and amount not in self.errors:
                self.add_error(amount, gettext_lazy("Give a price, such as 25.00."))
        if not self.filled and not self.errors:
            self.add_error(None, gettext_lazy("Write one line at least."))
        return found

    def refuse_lines(self, refusal: Refused) -> None:
        """Put what refuses a line beside its field; `lines.1.text` is the second one written."""
        refusals = refusal.refusals if isinstance(refusal, RefusedTogether) else (refusal,)
        rows = self.filled
        for one in refusals:
            _, _, place = one.field.partition("lines.")
            number, _, name = place.partition(".")
            field = f"{name}_{rows[int(number)]}" if number.isdigit() and name else None
            self.add_error(field, refusal_text(one))
