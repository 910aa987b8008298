"""Who buys: people, companies, how they wish to pay and to be reached."""

from typing import Literal
from uuid import UUID

from msgspec import Struct

CustomerKind = Literal["consumer", "company"]
PaymentMethodKind = Literal["transfer", "direct_debit", "card", "pay_by_bank", "e_invoice"]
Channel = Literal["email", "letter", "portal"]


class Person(Struct, frozen=True, gc=False):
    """A name with its address and contact data; the only place where these stand."""

    name: str
    email: str = ""
    phone: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = "FI"


class Customer(Struct, frozen=True):
    """A customer as the merchant knows it; `external_id` is the merchant's own number for it.

    For a company `person` is the firm: its name and address. `zone` empty means the billing
    entity's zone; `currency` the one that new subscriptions are bought in where they can be, empty
    the billing entity's. `payment_method` and `channel` are wishes, kept and shown even while the
    merchant can't serve them yet.
    """

    id: UUID
    external_id: str
    kind: CustomerKind
    person: Person
    language: str = "fi"
    zone: str = ""
    currency: str = ""
    business_id: str = ""
    vat_id: str = ""
    buyer_reference: str = ""
    order_number: str = ""
    cost_centre: str = ""
    payment_method: PaymentMethodKind = "transfer"
    channel: Channel = "email"
