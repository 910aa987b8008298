"""A row of the editor and a price: the fields that each pricing model has, both ways."""

from collections.abc import Mapping, Sequence

import msgspec

from kesto.core.catalog import Price
from kesto.core.money import DIGITS
from kesto.core.pricing import PriceSpec, parse_price, price_fields
from kesto.core.pricing.dimensional import Dimensional
from kesto.core.refusals import Invalid
from kesto.web.office.draft import Row, Values, ordered

FIELDS: Mapping[str, tuple[str, ...]] = {
    "flat": ("amount",),
    "per_unit": ("unit_amount", "per"),
    "package": ("package_size", "package_amount", "free_units", "round"),
    "graduated": (),
    "volume": (),
    "stairstep": (),
    "percentage": (
        *("rate", "fixed_amount", "free_events", "free_amount"),
        *("min_per_event", "max_per_event"),
    ),
    "graduated_percentage": (),
    "dynamic": (),
    "dimensional": ("dimensions",),
    "capacity": (),
    "time_series": ("series_code", "series", "margin"),
}
TIERS: Mapping[str, tuple[str, ...]] = {
    "graduated": ("up_to", "unit_amount", "flat_amount"),
    "volume": ("up_to", "unit_amount", "flat_amount"),
    "stairstep": ("up_to", "flat_amount"),
    "graduated_percentage": ("up_to", "rate", "flat_amount"),
    "dimensional": ("value", "unit_amount"),
    "capacity": ("limits", "amount"),
}
RARE_TIERS = ("package_size", "maximum", "price")
"""Columns that are shown only where something stands in them."""

AMOUNTS = frozenset(
    (
        *("amount", "unit_amount", "package_amount", "fixed_amount", "flat_amount", "minimum"),
        *("maximum", "min_per_event", "max_per_event", "commitment", "margin"),
    )
)
"""Fields that are money."""

WHOLE = frozenset(("free_events",))
TEXTS = frozenset(("round", "value", "price", "limits", "series_code"))


def spec_of(row: Row, charged: str) -> PriceSpec:
    """The row's pricing model with all that is laid around it. Raises Invalid naming a field."""
    values = row.values
    model = values.get("model", "")
    fields: dict[str, object] = {"model": model}
    if model == "flat":
        fields["charged"] = charged
    for name in (*FIELDS.get(model, ()), "included_units", "minimum", "maximum"):
        if written := values.get(name, "").strip():
            fields[name] = _value(name, written)
    if model in {"graduated", "volume", "graduated_percentage"} and values.get("flat_at_zero"):
        fields["flat_at_zero"] = True
    match model:
        case "dimensional":
            fields |= _dimensional(row)
        case "capacity":
            fields["tiers"] = [_size(tier) for tier in _filled(row)]
        case "time_series":
            code = fields.pop("series_code", "")
            fields["series"] = code or _series(values.get("series", ""))
        case _ if model in TIERS:
            fields["tiers"] = [_plain(tier) for tier in _filled(row)]
    return parse_price(fields | _around(values))


def row_of(price: Price) -> Row:
    """A published price as a row of the editor."""
    fields = price_fields(price.spec)
    interval = price.interval
    values = {
        "model": price.spec.name,
        "code": price.code,
        "product": price.product.code,
        "meter": price.meter,
        "interval": interval.unit if interval else "once",
        "count": str(interval.count) if interval else "",
        "charged": price.charged,
        "proration": price.proration,
        "currency": price.currency,
        "tax": "with" if price.includes_tax else "net",
    }
    for name, value in fields.items():
        if isinstance(value, str | int) and name != "charged":
            values[name] = "on" if value is True else "" if value is False else str(value)
    for name in AMOUNTS & values.keys():
        values[name] = padded(values[name], price.currency)
    if isinstance(fields.get("series"), str):
        values["series_code"] = values.pop("series")
    for name in ("included_units", "margin"):
        if values.get(name) == "0":
            del values[name]
    values |= _around_of(fields)
    tiers = _tiers_of(price.spec, fields, values)
    for tier in tiers:
        tier |= {name: padded(tier[name], price.currency) for name in AMOUNTS & tier.keys()}
    return Row(values, dict(enumerate(tiers)))


def _value(name: str, written: str) -> object:
    if name in WHOLE and written.isdecimal():
        return int(written)
    return written if name in TEXTS else number(written)


def padded(written: str, currency: str) -> str:
    """An amount with the decimals of its currency at least: 19.90, 0.0125, but a plain 0."""
    if written == "0":
        return written
    whole, _, decimals = written.partition(".")
    places = DIGITS.get(currency, 0)
    return f"{whole}.{decimals:0<{places}}" if places or decimals else whole


def number(written: str) -> str:
    """A number as people write it, with a point."""
    return written.replace("\N{NO-BREAK SPACE}", "").replace(" ", "").replace(",", ".")


def _filled(row: Row) -> list[Values]:
    """Tiers in which something stands."""
    return [tier for tier in ordered(row.tiers) if any(text.strip() for text in tier.values())]


def _plain(tier: Values) -> dict[str, object]:
    return {name: number(text) for name, text in tier.items() if text.strip()}


def _dimensional(row: Row) -> dict[str, object]:
    dimensions = _listed(row.values.get("dimensions", ""))
    found: dict[str, object] = {"dimensions": dimensions}
    rows: list[dict[str, object]] = []
    for tier in _filled(row):
        entry: dict[str, object] = {}
        if text := tier.get("price", "").strip():
            entry["price"] = _json(text)
        else:
            entry["unit_amount"] = number(tier.get("unit_amount", ""))
        given = [part.strip() for part in tier.get("value", "").split(",")]
        entry |= {name: part for name, part in zip(dimensions, given, strict=False) if part}
        if any(given):
            rows.append(entry)
        else:
            found["default"] = entry
    return found | ({"rows": rows} if rows else {})


def _json(text: str) -> object:
    try:
        return msgspec.json.decode(text.encode())
    except msgspec.DecodeError as error:
        raise Invalid("is not JSON", code="bad_text", field="tiers[0].price") from error


def _size(tier: Values) -> dict[str, object]:
    limits = {}
    for part in _listed(tier.get("limits", "")):
        unit, _, most = part.rpartition(" ")
        limits[unit.strip()] = number(most)
    return {"limits": limits, "amount": number(tier.get("amount", ""))}


def _series(text: str) -> object:
    """A price by the start of its interval, one a line; without starts, in their order."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if all(len(line) == 1 for line in lines):
        return [number(line[0]) for line in lines]
    return {" ".join(line[:-1]): number(line[-1]) for line in lines}


def _around(values: Values) -> dict[str, object]:
    found: dict[str, object] = {}
    if written := values.get("transform_number", "").strip():
        by = values.get("transform", "") or "divide_by"
        found["transform_quantity"] = {
            by: number(written),
            "round": values.get("transform_round") or "up",
        }
    if written := values.get("commitment", "").strip():
        factor = values.get("overage_factor", "").strip()
        found["commitment"] = {
            "amount": number(written),
            "true_up": bool(values.get("true_up")),
            **({"overage_factor": number(factor)} if factor else {}),
        }
    return found | ({"bucketed": True} if values.get("bucketed") else {})


def _around_of(fields: Mapping[str, object]) -> Values:
    found: Values = {}
    match fields.get("transform_quantity"):
        case dict(given):
            by = "multiply_by" if "multiply_by" in given else "divide_by"
            found["transform"], found["transform_number"] = by, str(given.get(by, ""))
            found["transform_round"] = str(given.get("round", ""))
    match fields.get("commitment"):
        case dict(given):
            found["commitment"] = str(given.get("amount", ""))
            found["overage_factor"] = str(given.get("overage_factor", ""))
            found["true_up"] = "on" if given.get("true_up") else ""
    return found


def _tiers_of(spec: PriceSpec, fields: Mapping[str, object], values: Values) -> list[Values]:
    """The rows below a price; what is longer than one field goes into `values`."""
    match fields.get("series"):
        case dict(series):
            values["series"] = "\n".join(f"{start} {amount}" for start, amount in series.items())
        case list(series):
            values["series"] = "\n".join(map(str, series))
    if isinstance(spec.model, Dimensional):
        values["dimensions"] = ", ".join(spec.model.dimensions)
        return [_dimension(row.values, row.price) for row in spec.model.rows]
    tiers = fields.get("tiers")
    if not isinstance(tiers, list):
        return []
    if spec.name == "capacity":
        return [
            {
                "limits": ", ".join(f"{unit} {most}" for unit, most in tier["limits"].items()),
                "amount": tier["amount"],
            }
            for tier in tiers
        ]
    return [{name: str(value) for name, value in tier.items()} for tier in tiers]


def _dimension(values: Sequence[tuple[str, str]], price: PriceSpec) -> Values:
    fields = price_fields(price)
    value = {"value": ", ".join(text for _, text in values)}
    if fields == {"model": "per_unit", "unit_amount": fields.get("unit_amount"), "per": "1",
                  "included_units": "0"}:  # fmt: skip
        return value | {"unit_amount": str(fields["unit_amount"])}
    return value | {"price": msgspec.json.encode(fields).decode()}


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
