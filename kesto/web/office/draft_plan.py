"""The editor's draft and what it would publish: a plan version or an add-on, and its errors."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, get_args

from msgspec import Struct, structs

from kesto.adapters.files import checks
from kesto.core.calendar import LONGEST_INTERVAL, Interval, Unit
from kesto.core.catalog import (
    AddOn,
    AtTermEnd,
    Catalogue,
    Charged,
    Entitlement,
    Feature,
    Phase,
    PlanTerms,
    PlanVersion,
    Price,
    Product,
    ProrationRule,
    SoldMeter,
    SoldNoun,
)
from kesto.core.exact import ZERO, shown
from kesto.core.fields import Fields
from kesto.core.plan_checks import COUNTS, PERCENTAGES, add_on_problems, closed, plan_problems
from kesto.core.price_checks import series_problems
from kesto.core.price_series import PriceSeries
from kesto.core.refusals import Invalid
from kesto.store.ids import new_id
from kesto.web.office.draft import Draft, Noun, Row, Values
from kesto.web.office.draft_delivery import delivery_of, delivery_written
from kesto.web.office.draft_meter import NewMeters
from kesto.web.office.draft_price import number, row_of, spec_of

Said = Mapping[tuple[SoldNoun, str], bool]
LANGUAGES = ("fi", "sv", "en")
USUAL = PlanTerms()
PATH = re.compile(r"(prices|phases|entitlements)\[([0-9]+)\]\.?(.*)")
TIER = re.compile(r"(?:tiers|rows)\[([0-9]+)\]\.?(\w*)")
AROUND = {
    "transform_quantity": "transform_number",
    "commitment": "commitment",
    "series": "series",
    "dimensions": "dimensions",
}


class Known(Struct, frozen=True):
    """What there is already that a draft can lean on; the newest versions by code."""

    products: Mapping[str, Product]
    meters: Mapping[str, SoldMeter]
    features: Mapping[str, Feature]
    plans: Mapping[str, PlanVersion]
    add_ons: Mapping[str, AddOn]
    currency: str
    series: Mapping[str, PriceSeries] = {}


class Offer(Struct, frozen=True):
    """What a draft would publish, new products and meters first. `errors` by names of fields."""

    published: PlanVersion | AddOn
    products: tuple[Product, ...]
    meters: tuple[SoldMeter, ...]
    errors: Mapping[str, Invalid]
    numbers: tuple[int, ...]
    is_in_portal: bool

    @property
    def catalogue(self) -> Catalogue:
        """As the flow that publishes takes it."""
        one = self.published
        first = one.prices[0]
        common = (first.currency, first.includes_tax, self.products)
        if isinstance(one, PlanVersion):
            plan: Said = {("plan", one.plan): self.is_in_portal}
            return Catalogue(*common, plans=(one,), add_ons=(), meters=self.meters, in_portal=plan)
        add_on: Said = {("add_on", one.code): self.is_in_portal}
        return Catalogue(*common, plans=(), add_ons=(one,), meters=self.meters, in_portal=add_on)


def begun(noun: Noun, known: Known) -> Draft:
    """A new plan or add-on: one price, of a month in advance."""
    prices = [price for one in known.plans.values() for price in one.prices]
    tax = "with" if not prices or prices[0].includes_tax else "net"
    usual = {"model": "flat", "charged": "advance", "currency": known.currency, "tax": tax}
    return Draft(noun, {"notice_days": str(USUAL.notice_days)}, {0: Row(usual)})


def draft_of(published: PlanVersion | AddOn) -> Draft:
    """A published version, to make the next one of it."""
    values = {f"name_{language}": name for language, name in published.names.items()}
    rows = dict(enumerate(map(row_of, published.prices)))
    for one in published.entitlements:
        values[f"gives_{one.feature}"] = "on"
        values[f"limit_{one.feature}"] = "" if one.limit is None else shown(one.limit)
    if isinstance(published, AddOn):
        values |= {"code": published.code, "plans": ", ".join(published.plans)}
        values["minimum_months"] = str(published.minimum_months or "")
        values |= delivery_written(published.delivery)
        return Draft("add_on", values, rows)
    values |= {"code": published.plan, **_terms_written(published.terms)}
    values |= delivery_written(published.delivery)
    for row, price in zip(rows.values(), published.prices, strict=True):
        row.values["phases"] = ", ".join(published.phases[place].code for place in price.phases)
    phases = dict(enumerate(map(_phase_written, published.phases)))
    return Draft("plan", values, rows, phases)


def offer_of(draft: Draft, known: Known, version: int) -> Offer:
    """What a draft would publish as a version, and everything that is wrong with it."""
    reading = _Reading(draft, known)
    return reading.offer(version)


class _Reading:
    """Reads a draft once, noting what is wrong by the name of the field."""

    def __init__(self, draft: Draft, known: Known) -> None:
        self.draft = draft
        self.known = known
        self.errors: dict[str, Invalid] = {}
        self.added: dict[str, Product] = {}
        self.meters = NewMeters(known.meters, slug)

    def offer(self, version: int) -> Offer:
        values = self.draft.values
        names = {
            language: text
            for language in LANGUAGES
            if (text := checks.tidied(values.get(f"name_{language}", "")))
        }
        for language, name in names.items():
            self.checked(f"name_{language}", name, checks.words)
        if not names:
            self.note("name_fi", "missing")
        code = values.get("code", "").strip() or slug(next(iter(names.values()), ""))
        self.checked("code", code, checks.code)
        phases = self.phases() if self.draft.noun == "plan" else ()
        prices, numbers = self.prices(names, phases)
        gives = tuple(self.entitlements())
        delivery = delivery_of(values, self.count, self.errors)
        published: PlanVersion | AddOn
        problems: Iterable[Invalid]
        meters = {**self.known.meters, **self.meters.added}
        counting = {code: sold.meter for code, sold in meters.items()}
        if self.draft.noun == "plan":
            published = PlanVersion(
                *(new_id(), code, version, names, prices, phases, self.terms(), gives, delivery),
            )
            problems = plan_problems(published, counting, self.known.features)
        else:
            published = AddOn(
                *(new_id(), code, version, names, prices, self.plans()),
                *(self.count("minimum_months", 0), gives, delivery),
            )
            problems = add_on_problems(published, counting, self.known.features)
        currencies = {code: one.currency for code, one in self.known.series.items()}
        for problem in (*problems, *series_problems(prices, currencies)):
            self.errors.setdefault(self.place(problem.field, numbers), problem)
        if len(self.errors) > 1:
            self.errors.pop("prices", None)
        products, new_meters = tuple(self.added.values()), tuple(self.meters.added.values())
        is_in_portal = bool(values.get("in_portal"))
        return Offer(published, products, new_meters, self.errors, numbers, is_in_portal)

    def prices(
        self, names: Mapping[str, str], phases: Sequence[Phase]
    ) -> tuple[tuple[Price, ...], tuple[int, ...]]:
        found = []
        for position, number_ in enumerate(sorted(self.draft.rows)):
            price = self.price(number_, position, names, phases)
            if price is not None:
                found.append((price, number_))
        return tuple(price for price, _ in found), tuple(number_ for _, number_ in found)

    def price(
        self, row_number: int, position: int, names: Mapping[str, str], phases: Sequence[Phase]
    ) -> Price | None:
        row, at = self.draft.rows[row_number], f"row-{row_number}"
        meter = self.meters.code(row.values, at, names, self.errors.setdefault)
        charged: Charged = "advance" if row.values.get("charged") == "advance" else "arrears"
        if meter:
            charged = "arrears"
        product = self.product(row, at, names)
        try:
            spec = spec_of(row, charged)
            due = _interval(row.values.get("interval", "month"), row.values.get("count", ""))
            currency = row.values.get("currency", "").strip() or self.known.currency
            checks.currency(currency)
        except Invalid as invalid:
            self.errors[self.inside(at, invalid.field, row)] = invalid
            return None
        code = row.values.get("code", "").strip() or f"price-{position + 1}"
        self.checked(f"{at}-code", code, checks.code)
        places = {phase.code: place for place, phase in enumerate(phases)}
        wanted = _listed(row.values.get("phases", ""))
        if any(one not in places for one in wanted):
            self.note(f"{at}-phases", "bad_choice")
        proration: ProrationRule = next(
            (one for one in get_args(ProrationRule) if one == row.values.get("proration")), "day"
        )
        includes_tax = row.values.get("tax", "with") != "net"
        in_phases = tuple(places[one] for one in wanted if one in places)
        return Price(
            *(new_id(), code, product, spec, currency, includes_tax, due, charged, proration),
            *(meter, in_phases),
        )

    def product(self, row: Row, at: str, names: Mapping[str, str]) -> Product:
        """The product of a row; a new one is named as the row says, or as the plan is."""
        chosen = row.values.get("product", "")
        if chosen in self.known.products:
            return self.known.products[chosen]
        name = checks.tidied(row.values.get("product_name", ""))
        own_names = dict.fromkeys(names or ("en",), name) if name else dict(names)
        category = row.values.get("tax_category", "") or "standard"
        self.checked(f"{at}-tax_category", category, checks.tax_category)
        base = slug(name or next(iter(names.values()), "")) or "product"
        for code in (base, *(f"{base}-{again}" for again in range(2, 100))):
            there = self.known.products.get(code) or self.added.get(code)
            if there is None:
                self.added[code] = Product(new_id(), code, own_names, category)
                return self.added[code]
            if there.tax_category == category and set(own_names.values()) & set(
                there.names.values()
            ):
                return there
        return self.known.products[base]

    def phases(self) -> tuple[Phase, ...]:
        found = []
        for place, number_ in enumerate(sorted(self.draft.phases)):
            values, at = self.draft.phases[number_], f"phase-{number_}"
            is_trial = bool(values.get("trial"))
            length = None
            if values.get("interval") != "open":
                try:
                    length = _interval(values.get("interval", "month"), values.get("count", ""))
                except Invalid as invalid:
                    self.errors[f"{at}-count"] = invalid
            code = values.get("code", "").strip() or ("trial" if is_trial else f"phase-{place + 1}")
            self.checked(f"{at}-code", code, checks.code)
            percent = self.decimal(f"{at}-percent", values.get("percent", ""), ZERO)
            found.append(Phase(code, length, percent, is_trial))
        return closed(found)

    def terms(self) -> PlanTerms:
        values = self.draft.values
        given: dict[str, Any] = {name: self.count(name, getattr(USUAL, name)) for name in COUNTS}
        given |= {
            name: self.decimal(name, values.get(name, ""), getattr(USUAL, name))
            for name in PERCENTAGES
        }
        at_end: AtTermEnd = next(
            (one for one in get_args(AtTermEnd) if one == values.get("at_term_end")), "open_ended"
        )
        extends = not values.get("pause_keeps_end")
        return structs.replace(USUAL, **given, at_term_end=at_end, pause_extends_term=extends)

    def entitlements(self) -> Iterable[Entitlement]:
        for code in self.known.features:
            if self.draft.values.get(f"gives_{code}"):
                written = self.draft.values.get(f"limit_{code}", "").strip()
                limit = self.decimal(f"limit_{code}", written, ZERO) if written else None
                yield Entitlement(code, limit)

    def plans(self) -> tuple[str, ...]:
        given = tuple(_listed(self.draft.values.get("plans", "")))
        if any(code not in self.known.plans for code in given):
            self.note("plans", "unknown_plan")
        return given

    def decimal(self, name: str, written: str, fallback: Decimal) -> Decimal:
        if not written.strip():
            return fallback
        try:
            return Fields({name: number(written)}).decimal(name)
        except Invalid as invalid:
            self.errors[name] = invalid
            return fallback

    def count(self, name: str, fallback: int) -> int:
        written = self.draft.values.get(name, "").strip()
        if not written:
            return fallback
        if written.isdecimal() and len(written) < 6:  # noqa: PLR2004 - more than any limit
            return int(written)
        self.note(name, "bad_count")
        return fallback

    def checked(self, name: str, text: str, check: Any) -> None:
        try:
            check(checks.printable(text))
        except Invalid as invalid:
            self.errors.setdefault(name, Invalid(invalid.detail, code="bad_text", field=name))

    def note(self, name: str, code: str) -> None:
        self.errors.setdefault(name, Invalid("", code=code, field=name))

    def place(self, path: str, numbers: Sequence[int]) -> str:
        """The name of the field that a problem of the whole is about."""
        if found := PATH.fullmatch(path):
            part, place, inside = found[1], int(found[2]), found[3]
            if part == "prices" and place < len(numbers):
                row = self.draft.rows[numbers[place]]
                return self.inside(f"row-{numbers[place]}", inside, row)
            known = sorted(self.draft.phases)
            if part == "phases" and place < len(known):
                name = {"length": "count", "is_trial": "trial"}.get(inside, inside)
                return f"phase-{known[place]}-{name}"
        return path.removeprefix("terms.").replace("delivery.", "delivery_")

    def inside(self, at: str, path: str, row: Row) -> str:
        """The name of a field of a row by its path in the price."""
        if found := TIER.match(path):
            filled = [n for n in sorted(row.tiers) if any(t.strip() for t in row.tiers[n].values())]
            place = int(found[1])
            if place < len(filled):
                return f"{at}-tier-{filled[place]}-{found[2] or 'up_to'}"
        first = path.partition(".")[0].partition("[")[0]
        if first == "series" and row.values.get("series_code"):
            return f"{at}-series_code"
        return f"{at}-{AROUND.get(first, first or 'model')}"


def slug(text: str) -> str:
    """A code made of a name: small letters without accents, hyphens between words."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60]


def _interval(unit: str, written: str) -> Interval | None:
    if unit == "once":
        return None
    known: Unit | None = next((one for one in get_args(Unit) if one == unit), None)
    text = written.strip() or "1"
    is_count = text.isdecimal() and len(text) < 5  # noqa: PLR2004 - more than the longest
    if known is None or not is_count or not 1 <= int(text) <= LONGEST_INTERVAL:
        raise Invalid("must be a whole number", code="bad_count", field="count")
    return Interval(known, int(text))


def _terms_written(terms: PlanTerms) -> Values:
    written = {name: str(getattr(terms, name) or "") for name in COUNTS}
    written["notice_days"] = str(terms.notice_days)
    written["reminder_days"] = str(terms.reminder_days)
    written |= {name: shown(getattr(terms, name)) for name in PERCENTAGES if getattr(terms, name)}
    written["at_term_end"] = terms.at_term_end
    written["pause_keeps_end"] = "" if terms.pause_extends_term else "on"
    return written


def _phase_written(phase: Phase) -> Values:
    return {
        "code": phase.code,
        "interval": phase.length.unit if phase.length else "open",
        "count": str(phase.length.count) if phase.length else "",
        "percent": shown(phase.percent),
        "trial": "on" if phase.is_trial else "",
    }


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
