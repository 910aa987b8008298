"""What the nouns of the API share: how amounts, ids and names look, and how they are asked for."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StrictBool, WithJsonSchema

from kesto.adapters.files import checks
from kesto.api.problems import Problem
from kesto.api.schema import Schema
from kesto.core.ids import shown
from kesto.core.money import format_minor
from kesto.core.refusals import Invalid

LONGEST_NAME = 200
Language = Literal["fi", "sv", "en"]
Flag = StrictBool
"""true or false, and no number that could be taken for one."""

DECIMAL: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "integer"}]}
"""How a decimal is described: as text, or whole; never a number with a binary fraction."""

OWNERS = {"plan": "plan_version", "add_on": "add_on"}
NOUNS = {
    "item_id": "subscription_item",
    "plan_version_id": "plan_version",
    "add_on_id": "add_on",
    "subscription_id": "subscription",
    "customer_id": "customer",
    "payer_id": "customer",
    "from_payer_id": "customer",
    "group_id": "billing_group",
    "from_group_id": "billing_group",
    "product_id": "product",
    "coupon_id": "coupon",
    "discount_id": "discount",
    "grant_id": "credit_grant",
    "address_id": "delivery_address",
    "moves_from": "plan_version",
}
"""Ids in the data of events, by the name of their field -> what they are ids of."""


def decimal_given(value: object) -> object:
    """A number that came as text or whole; one with a binary fraction is refused."""
    if isinstance(value, bool | float):
        raise ValueError('write it as text, such as "1.5"')  # noqa: TRY004 - the validator's own way to refuse
    return value


def _checked(check: Callable[[str], Any]) -> Callable[[object], Any]:
    """A check of a text as the framework wants it."""

    def checked(value: object) -> Any:
        if not isinstance(value, str):
            raise ValueError("must be a text")  # noqa: TRY004 - the validator's own way to refuse
        try:
            return check(value)
        except Invalid as invalid:
            raise ValueError(invalid.detail) from None

    return checked


Line = Annotated[str, AfterValidator(_checked(checks.printable))]
"""A text on one line."""

Name = Annotated[Line, Field(max_length=LONGEST_NAME)]
"""An id, or the merchant's own name for something; a text on one line."""

Required = Annotated[Name, Field(min_length=1)]
Day = Annotated[date, BeforeValidator(_checked(checks.day))]
Moment = Annotated[datetime, BeforeValidator(_checked(checks.moment))]
Quantity = Annotated[
    Decimal,
    BeforeValidator(decimal_given),
    Field(max_digits=24, decimal_places=12),
    WithJsonSchema(DECIMAL),
]


class Given(Schema):
    """A body: every field is known, and none is there that is not."""

    model_config = ConfigDict(extra="forbid")


def amount(minor: int, currency: str) -> str:
    """Minor units as the API shows them: a decimal of major units."""
    return format_minor(minor, currency)


def own_id(noun: str, identifier: UUID) -> str:
    """An id as the API shows it."""
    return shown(noun, identifier)


def with_ids(data: dict[str, Any]) -> dict[str, Any]:
    """What was stored about an event, with ids as the API shows them."""
    return {name: _with_id(name, value, data) for name, value in data.items()}


def _with_id(name: str, value: Any, beside: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        name = {"products": "product_id"}.get(name, name)
        return [_with_id(name, one, beside) for one in value]
    if isinstance(value, dict):
        return with_ids(value)
    noun = OWNERS.get(beside.get("kind", "")) if name == "owner_id" else NOUNS.get(name)
    return own_id(noun, UUID(value)) if noun and isinstance(value, str) else value


def expansions(text: str, known: Mapping[str, Any] | tuple[str, ...]) -> frozenset[str]:
    """The names in `expand=customer,lines`. Raises Problem for one that can't be expanded."""
    wanted = [name.strip() for name in text.split(",") if name.strip()]
    for name in wanted:
        if name not in known:
            choice = ", ".join(known)
            detail = f"{name[:60]!r} can't be expanded here; choose of {choice}."
            raise Problem(400, "unknown_expansion", detail, field="expand")
    return frozenset(wanted)


class LanguageAsked(Schema):
    """In which language words are; by default the customer's own."""

    language: Language | None = None
