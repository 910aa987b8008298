"""Bodies that are read as the files of a price list are, and how the description shows them."""

from typing import Any

Fields = dict[str, tuple[str, str]]

THING: Fields = {
    "code*": ("string", "The merchant's own name for it, for good."),
    "name*": ("object", 'Names by language: `{"en": "Basic"}`.'),
}
PRICED: Fields = {
    "version": ("integer", "The next one, unless it says otherwise."),
    "currency": ("string", "Of its prices; that of the first company by default."),
    "prices_include_tax*": ("boolean", "Whether its prices include VAT."),
    "prices*": ("array", "As a file's `prices`, with the fields of their pricing model."),
    "delivery": ("object", "How often it is delivered, as a file's `delivery`."),
    "offered_in_portal": ("boolean", "Whether subscribers may choose it; a new one: not."),
    "entitlements": ("array", 'What it gives: `{"feature": "storage", "limit": "10"}`.'),
}
SHAPES: dict[str, tuple[str, Fields]] = {
    "NewPlan": (
        "A version of a plan, in the fields of a file's `[[plans]]` (docs/import.md).",
        {
            **THING,
            **PRICED,
            "phases": ("array", "Such as a trial, as a file's `phases`."),
            "terms": ("object", "What its contracts say, as a file's `terms`."),
        },
    ),
    "NewAddOn": (
        "A version of an add-on, in the fields of a file's `[[add_ons]]` (docs/import.md).",
        {
            **THING,
            **PRICED,
            "plans": ("array", "Codes of the plans that it goes with; left out: any."),
            "minimum_months": ("integer", "For how long it is taken at least."),
        },
    ),
    "NewCoupon": (
        "A coupon, in the fields of a file's `[[coupons]]` (docs/import.md).",
        {
            **THING,
            "percent": ("string", "What it takes off; this or `amount`."),
            "amount": ("string", "What it takes off each period; this or `percent`."),
            "currency": ("string", "Of the amount; that of the first company by default."),
            "duration": ("string", "`once`, `periods` or `forever`, the default."),
            "periods": ("integer", "For how many, with the duration `periods`."),
            "products": ("array", "Codes of the products that it is for; left out: all."),
            "plans": ("array", "Codes of the plans that it is for; left out: all."),
            "codes": ("array", "What subscribers type in; left out: staff gives it."),
            "most_uses": ("integer", "How often it may be used in all."),
            "most_uses_per_customer": ("integer", "How often one customer may use it."),
            "valid_from": ("string", "The first day on which it can be taken."),
            "valid_until": ("string", "The last day on which it can be taken."),
        },
    ),
    "NewFeature": (
        "A feature, in the fields of a file's `[[features]]` (docs/import.md).",
        {
            **THING,
            "kind": ("string", "`boolean`, the default, `limit` or `metered`."),
            "meter": ("string", "The code of its meter, when it is metered."),
        },
    ),
    "NewMeter": (
        "A meter, in the fields of a file's `[[meters]]` (docs/import.md).",
        {
            **THING,
            "aggregation*": ("string", "How it counts, such as `count` or `sum`."),
            "property": ("string", "The property of an event that it adds up."),
            "expression": ("string", "Or what of it: properties.up + properties.down."),
            "unit": ("string", "What it counts, in a word."),
            "late": ("string", "What late events do: `correct`, `current` or `refuse`."),
        },
    ),
}


def shape_schemas() -> dict[str, Any]:
    """The shapes by name, as the description of the API has them; `*` marks what must be there."""
    return {name: _schema(name, words, fields) for name, (words, fields) in SHAPES.items()}


def asked(name: str) -> dict[str, Any]:
    """What a route with such a body says of itself."""
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _schema(name: str, words: str, fields: Fields) -> dict[str, Any]:
    return {
        "title": name,
        "description": words,
        "type": "object",
        "properties": {
            field.rstrip("*"): {"type": kind, "description": text, **_inside(kind)}
            for field, (kind, text) in fields.items()
        },
        "required": [field.rstrip("*") for field in fields if field.endswith("*")],
    }


def _inside(kind: str) -> dict[str, Any]:
    return {"items": {}} if kind == "array" else {}
