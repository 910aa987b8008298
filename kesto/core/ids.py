"""How identifiers are shown: a prefix for the noun, then the uuid's hex digits."""

from uuid import UUID

from kesto.core.refusals import Invalid

PREFIXES = {
    "add_on": "add",
    "api_key": "key",
    "billing_group": "grp",
    "bank_transaction": "btx",
    "coupon": "cpn",
    "credit_grant": "crg",
    "credit_note": "crn",
    "customer": "cus",
    "delivery_address": "adr",
    "delivery_event": "dev",
    "discount": "dis",
    "feature": "fea",
    "invoice": "inv",
    "merchant": "mer",
    "message": "msg",
    "meter": "mtr",
    "payment": "pay",
    "plan": "pln",
    "plan_version": "plv",
    "price": "prc",
    "price_series": "prs",
    "product": "prd",
    "quote": "quo",
    "rejected_event": "rej",
    "run_approval": "apr",
    "staff": "stf",
    "subscription": "sub",
    "subscription_item": "itm",
}


def shown(noun: str, identifier: UUID) -> str:
    """The identifier as people and programs see it, such as `inv_0192...`."""
    return f"{PREFIXES[noun]}_{identifier.hex}"


def parsed(noun: str, text: str) -> UUID:
    """Read what `shown` wrote; a bare uuid is taken too. Raises Invalid."""
    bare = text.removeprefix(PREFIXES[noun] + "_")
    try:
        return UUID(hex=bare)
    except ValueError:
        raise Invalid(
            f"{text!r} is not the id of a {noun}; it looks like {PREFIXES[noun]}_ and 32 digits",
            code="bad_id",
            field=noun,
        ) from None
