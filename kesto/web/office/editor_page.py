"""The plan editor as its page shows it: each field with its label, its words and its error."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Literal

from msgspec import Struct, structs

from kesto.core.catalog import Product, SoldMeter
from kesto.core.refusals import Invalid
from kesto.web.office import draft_meter, words, written
from kesto.web.office.draft import Draft, Row, Values, ordered
from kesto.web.office.draft_delivery import FIELDS as DELIVERY
from kesto.web.office.draft_plan import Known
from kesto.web.office.draft_price import AMOUNTS, FIELDS, RARE_TIERS, TIERS
from kesto.web.office.editor_words import (
    AGGREGATIONS,
    CHOICES,
    HINTS,
    LABELS,
    LENGTHS,
    NEW_METER,
    NEW_PRODUCT,
    OPEN,
    OWN_PRICES,
    PHASE_HINTS,
    PHASE_LABELS,
    TAKEN,
    TAX_CATEGORIES,
)
from kesto.web.office.price_hints import Taxed, brief_hint, price_hint
from kesto.web.office.refusals import refusal_text
from kesto.web.ui.language import words_language
from kesto.words import forms

Kind = Literal["text", "number", "select", "check", "area"]
Option = tuple[str, str]

NUMBERS = frozenset(
    (
        *("amount", "unit_amount", "per", "package_size", "package_amount", "free_units", "rate"),
        *("fixed_amount", "free_events", "free_amount", "min_per_event", "max_per_event"),
        *("margin", "up_to", "flat_amount", "maximum", "included_units", "minimum", "count"),
        *("transform_number", "commitment", "overage_factor", "percent", "minimum_months"),
        *("notice_days", "renewal_months", "early_termination_percent", "paused_percent"),
        *("longest_pause_days", "reminder_days", "quantity", "delivery_interval_count"),
        *("delivery_day", "delivery_cut_off_days", "delivery_most_skips"),
    )
)
CHECKS = frozenset(("true_up", "bucketed", "flat_at_zero", "trial", "pause_keeps_end", "in_portal"))
MORE = ("code", "currency", "tax", "proration", "minimum", "maximum")
CONVERSION = ("transform", "transform_number", "transform_round")
METERED = ("commitment", "overage_factor", "true_up", "bucketed")
TERMS = (
    *("minimum_months", "notice_days", "at_term_end", "renewal_months"),
    *("early_termination_percent", "paused_percent", "longest_pause_days", "reminder_days"),
    "pause_keeps_end",
)
NEEDED = frozenset(
    (
        *("amount", "unit_amount", "package_size", "package_amount", "rate", "dimensions"),
        *("series", "meter_name", "name_fi", "name_sv", "name_en"),
    )
)
"""What can't be left empty; of the names one is needed, as the hint beside them says."""

USUAL = {"meter_aggregation": draft_meter.USUAL}
REDRAWS = frozenset(("model", "meter", "product", "interval", "delivery_interval", "series_code"))
"""What changes which other fields there are."""


class Asked(Struct, frozen=True):
    """A field: what it is called, what stands in it, what is wrong with it."""

    name: str
    label: str
    kind: Kind
    value: str
    options: Sequence[Option] = ()
    error: str = ""
    redraws: bool = False
    hint: str = ""
    is_live: bool = False
    is_optional: bool = False

    @property
    def id(self) -> str:
        """What its label and links lead to."""
        return f"id_{self.name}"

    @property
    def described(self) -> str:
        """The ids of what is said of it: what is wrong, and the hint."""
        said = (("error", self.error), ("hint", self.hint or self.is_live))
        return " ".join(f"{self.id}-{part}" for part, text in said if text)


class TierRow(Struct, frozen=True):
    """A row below a price."""

    number: int
    fields: Sequence[Asked]


class PriceRow(Struct, frozen=True):
    """A price: its main fields, its tiers, and what is rarely needed."""

    number: int
    title: str
    note: str
    fields: Sequence[Asked]
    heads: Sequence[str]
    tiers: Sequence[TierRow]
    more: Sequence[Asked]
    has_error: bool
    vat: str

    @property
    def vat_id(self) -> str:
        """The id of what is said once of the figures in its tiers."""
        return f"id_row-{self.number}-vat"


class PhaseRow(Struct, frozen=True):
    """A phase."""

    number: int
    fields: Sequence[Asked]


class GivenRow(Struct, frozen=True):
    """A feature that may be given, with its limit where it has one."""

    name: str
    fields: Sequence[Asked]


class Editor:
    """A draft, what there is to lean on, and what is wrong, as the page asks for it."""

    def __init__(
        self,
        draft: Draft,
        known: Known,
        errors: Mapping[str, Invalid],
        rates: Mapping[str, Decimal] | None = None,
    ) -> None:
        self.draft = draft
        self.known = known
        self.errors = errors
        self.rates = rates or {}

    @property
    def noun(self) -> str:
        """Whether it is a plan or an add-on."""
        return self.draft.noun

    @property
    def head(self) -> list[Asked]:
        """Names and code."""
        names = ["name_fi", "name_sv", "name_en", "code"]
        if self.draft.noun == "add_on":
            names += ["plans", "minimum_months"]
        return [self.asked(name, name, self.draft.values) for name in names]

    @property
    def terms(self) -> list[Asked]:
        """The terms of contracts."""
        return [self.asked(name, name, self.draft.values) for name in TERMS]

    @property
    def delivery(self) -> list[Asked]:
        """How often it is delivered; the rest is asked once there is an interval."""
        asked = [self.asked(name, name, self.draft.values) for name in DELIVERY]
        return asked if self.draft.values.get(DELIVERY[0]) else asked[:1]

    @property
    def in_portal(self) -> Asked:
        """Whether the portal offers it."""
        return self.asked("in_portal", "in_portal", self.draft.values)

    @property
    def rows(self) -> list[PriceRow]:
        """The prices."""
        return [self._row(number, self.draft.rows[number]) for number in sorted(self.draft.rows)]

    @property
    def phases(self) -> list[PhaseRow]:
        """The phases."""
        found = []
        for number in sorted(self.draft.phases):
            values = self.draft.phases[number]
            names = ("trial", "interval", "count", "percent", "code")
            fields = [self.asked(f"phase-{number}-{name}", name, values) for name in names]
            found.append(PhaseRow(number, fields))
        return found

    @property
    def given(self) -> list[GivenRow]:
        """The features that there are."""
        found = []
        for feature in self.known.features.values():
            name, values = written.name(feature.names), self.draft.values
            gives = f"gives_{feature.code}"
            fields = [Asked(gives, name, "check", values.get(gives, ""))]
            if feature.kind != "boolean":
                limit = f"limit_{feature.code}"
                label = str(LABELS["maximum"])
                fields.append(
                    Asked(
                        *(limit, label, "number", values.get(limit, "")),
                        error=self.error(limit),
                        is_optional=True,
                    )
                )
            found.append(GivenRow(name, fields))
        return found

    @property
    def wrong(self) -> list[tuple[str, str, str]]:
        """Everything wrong: the field's id, what it is called, and why."""
        shown = {asked.name: asked for asked in self._all()}
        found = []
        for name, error in self.errors.items():
            label = shown[name].label if name in shown else self._label(name)
            found.append((f"id_{name}" if name in shown else "", label, refusal_text(error)))
        return found

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """Everything typed, for a page that carries it on."""
        return [(name, value) for name, value in self.draft.names if value]

    def asked(self, full: str, name: str, values: Values) -> Asked:
        """A field by its full name in the form, and its name in its row."""
        options = self._options(full, name)
        kind: Kind = "text"
        if options:
            kind = "select"
        elif name in NUMBERS:
            kind = "number"
        elif name in CHECKS:
            kind = "check"
        elif name == "series":
            kind = "area"
        value = values.get(name, "") or USUAL.get(name, "")
        in_phase = full.startswith("phase")
        return Asked(
            *(full, str((PHASE_LABELS if in_phase else LABELS)[name]), kind, value, options),
            self.error(full),
            redraws=name in REDRAWS and not in_phase,
            hint=self._hint(name, in_phase=in_phase),
            is_optional=kind in {"text", "number", "area"} and name not in NEEDED,
        )

    def _hint(self, name: str, *, in_phase: bool) -> str:
        """What stands below a field."""
        hint = str((PHASE_HINTS if in_phase else HINTS).get(name, ""))
        return hint % {"codes": ", ".join(sorted(self.known.plans))} if name == "plans" else hint

    @property
    def live(self) -> str:
        """The hints that change while somebody types, as the page asks for them."""
        money = [asked.id for asked in self._all() if asked.is_live]
        tables = [f"#{row.vat_id}" for row in self.rows if row.vat]
        return ",".join([*(f"#{own}-hint" for own in money), *tables])

    def error(self, name: str) -> str:
        """What is wrong with a field."""
        return refusal_text(self.errors[name]) if name in self.errors else ""

    def _row(self, number: int, row: Row) -> PriceRow:
        at, model = f"row-{number}", row.values.get("model", "flat")
        meter = row.values.get("meter", "")
        main = ["model"]
        if model != "flat":
            main.append("meter")
            main += draft_meter.FIELDS if meter == draft_meter.NEW else ()
        main += self._fields(model, row)
        if model not in {"flat", "package", "dynamic", "capacity"}:
            main.append("included_units")
        main += ["interval"] if row.values.get("interval") == "once" else ["interval", "count"]
        if not meter:
            main.append("charged")
        main.append("product")
        if row.values.get("product", "") not in self.known.products:
            main += ["product_name", "tax_category"]
        more = [*MORE, *(("phases",) if self.draft.noun == "plan" else ())]
        more += [*CONVERSION, *(METERED if meter else ())]
        if model in {"graduated", "volume", "graduated_percentage"}:
            more.append("flat_at_zero")
        fields = [self._priced(f"{at}-{name}", name, row, row.values) for name in main]
        rare = [self._priced(f"{at}-{name}", name, row, row.values) for name in more]
        heads, tiers = self._tiers(at, model, row)
        product = self.known.products.get(row.values.get("product", ""))
        title = written.name(product.names) if product else row.values.get("product_name", "")
        return PriceRow(
            *(number, title or str(NEW_PRODUCT), words.said(CHOICES["model"], model), fields),
            *(heads, tiers, rare, any(one.error for one in rare)),
            vat=price_hint("", "", self._taxed(row)) if AMOUNTS & {*TIERS.get(model, ())} else "",
        )

    def _priced(self, full: str, name: str, row: Row, values: Values) -> Asked:
        """A field of a price; one for money says what is meant by it."""
        asked = self.asked(full, name, values)
        if name not in AMOUNTS:
            return asked
        say = brief_hint if "-tier-" in full else price_hint
        return structs.replace(asked, hint=say(name, asked.value, self._taxed(row)), is_live=True)

    def _rate(self, category: str) -> str:
        percent = forms.percent(self.rates[category], words_language())
        return f"{words.said(TAX_CATEGORIES, category)}, {percent}"

    def _taxed(self, row: Row) -> Taxed:
        product = self.known.products.get(row.values.get("product", ""))
        category = product.tax_category if product else row.values.get("tax_category", "")
        return Taxed(
            includes_tax=row.values.get("tax", "with") != "net",
            percent=self.rates.get(category or "standard"),
            currency=row.values.get("currency", "").strip() or self.known.currency,
        )

    def _fields(self, model: str, row: Row) -> list[str]:
        """A model's own fields: prices by time stand in a series that grows, or in the plan."""
        found = list(FIELDS.get(model, ()))
        chosen = row.values.get("series_code", "")
        if "series_code" in found and not (chosen or self.known.series):
            found.remove("series_code")
        if chosen:
            found.remove("series")
        return found

    def _tiers(self, at: str, model: str, row: Row) -> tuple[list[str], list[TierRow]]:
        if model not in TIERS:
            return [], []
        rare = [name for name in RARE_TIERS if any(tier.get(name) for tier in ordered(row.tiers))]
        columns = [*TIERS[model], *rare]
        rows = [
            TierRow(
                number,
                [
                    self._priced(f"{at}-tier-{number}-{name}", name, row, row.tiers[number])
                    for name in columns
                ],
            )
            for number in sorted(row.tiers)
        ]
        return [str(LABELS[name]) for name in columns], rows

    def _options(self, full: str, name: str) -> list[Option]:
        match name:
            case "product":
                return [("new", str(NEW_PRODUCT)), *_named(self.known.products)]
            case "meter":
                known = _named(self.known.meters)
                return [("", str(TAKEN)), *known, (draft_meter.NEW, str(NEW_METER))]
            case "series_code":
                series = self.known.series.values()
                return [("", str(OWN_PRICES)), *((one.code, one.name) for one in series)]
            case "tax_category":
                return [(code, self._rate(code)) for code in self.rates]
            case _:
                return self._of_a_kind(full, name)

    def _of_a_kind(self, full: str, name: str) -> list[Option]:
        if name == "meter_aggregation":
            return _said(AGGREGATIONS.items())
        if name == "interval" and full.startswith("phase"):
            return [*_said(LENGTHS.items()), ("open", str(OPEN))]
        return _said(CHOICES[name].items()) if name in CHOICES else []

    def _all(self) -> Iterator[Asked]:
        yield from (*self.head, *self.terms, *self.delivery)
        for row in self.rows:
            yield from (*row.fields, *row.more)
            for tier in row.tiers:
                yield from tier.fields
        for phase in self.phases:
            yield from phase.fields
        for given in self.given:
            yield from given.fields

    def _label(self, name: str) -> str:
        last = name.rpartition("-")[2]
        return str(LABELS.get(last, LABELS["prices"]))


def _named(nouns: Mapping[str, Product] | Mapping[str, SoldMeter]) -> list[Option]:
    return [(code, written.name(one.names)) for code, one in nouns.items()]


def _said(of: Iterable[tuple[str, object]]) -> list[Option]:
    return [(code, str(word)) for code, word in of]
