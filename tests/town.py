"""A town to tell stories in: a merchant with a clock and a small price list, and its customers.

    town = Town.founded()
    aino = town.customer("Aino")
    aino.subscribes("basic", on="2026-10-01")
    (invoice,) = town.bill(on="2026-11-01")
    town.pays(invoice)

Days are written as text; amounts are minor units of EUR. Each town is a merchant of its own, so
many of them share a database. Prices include VAT unless the town is founded without.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from kesto.adapters.files.catalogue import read_catalogue
from kesto.core.banking import BankEntry, BankFile
from kesto.core.changes import Command
from kesto.core.customers import Customer, Person
from kesto.core.history import kind_of
from kesto.core.invoice import Seller
from kesto.core.subscription import NewSubscription
from kesto.flows import bill, match_payment
from kesto.flows.add_customers import add_customers
from kesto.flows.change_subscription import Changed, change_subscription
from kesto.flows.close_month import MonthReport, close_month
from kesto.flows.credit import credit
from kesto.flows.match_payment import Imported
from kesto.flows.move_clock import move_clock
from kesto.flows.open_merchant import open_merchant
from kesto.flows.preview_change import ChangePreview, preview_change
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.flows.subscribe import subscribe
from kesto.flows.write_invoice import NewInvoice, NewLine, write_invoice
from kesto.flows.write_off import write_off
from kesto.store import invoices, lives, payments
from kesto.store.ids import new_id
from kesto.store.invoices import Stored
from kesto.store.session import reading
from kesto.store.write_offs import WriteOff

ACTOR = "the town's clerk"
MORNING = time(6, tzinfo=UTC)
SELLER = Seller(
    name="Town Oy",
    business_id="2915046-7",
    vat_id="FI29150467",
    street="Raatihuoneenkatu 1",
    postal_code="00100",
    city="Helsinki",
    country="FI",
    email="clerk@example.com",
    iban="FI2112345600000785",
    bic="",
)
PRICES = Path(__file__).with_name("town.toml").read_text("utf-8")


def day(text: str) -> date:
    """A day written as 2026-10-01."""
    return date.fromisoformat(text)


def morning(text: str) -> datetime:
    """The morning of a day, six o'clock UTC."""
    return datetime.combine(day(text), MORNING)


@dataclass
class Town:
    """A merchant, its clock, and how to live in it."""

    merchant_id: UUID
    code: str
    now: datetime
    files: int = 0
    seen: set[UUID] = field(default_factory=set)

    @classmethod
    def founded(cls, on: str = "2026-10-01", *, includes_tax: bool = True) -> "Town":
        """Open a merchant in test mode and publish the price list."""
        code = f"town-{new_id().hex}"
        now = morning(on)
        merchant_id = open_merchant(code, "Town", "test", SELLER, now)
        wanted = f"prices_include_tax = {str(includes_tax).lower()}"
        prices = PRICES.replace("prices_include_tax = true", wanted)
        publish_catalogue(merchant_id, read_catalogue(prices.encode(), "town.toml", new_id), now)
        return cls(merchant_id, code, now)

    def customer(self, name: str, **details: Any) -> "Citizen":
        """A new customer; its external id is its name in small letters."""
        person = Person(name, street="Kuja 2", postal_code="00200", city="Helsinki")
        details = {"kind": "consumer", **details}
        customer = Customer(new_id(), name.lower(), person=person, **details)
        add_customers(self.merchant_id, [customer], self.now)
        return Citizen(self, customer)

    def bill(self, on: str, *, through: str = "") -> list[Stored]:
        """Let it be that day, bill what is due by it (or by `through`), answer the new invoices."""
        self.clock(on)
        bill.bill(self.merchant_id, day(through or on), self.now)
        made = [one for one in self.invoices() if one.invoice.id not in self.seen]
        self.seen |= {one.invoice.id for one in made}
        return made

    def clock(self, on: str) -> None:
        """Let it be the morning of a day."""
        self.now = morning(on)
        move_clock(self.merchant_id, self.now)

    def pays(
        self, paid: Stored | None = None, amount_minor: int | None = None, **entry: Any
    ) -> Imported:
        """The bank reports a payment: of an invoice in full, or as the entry's fields say."""
        known: dict[str, Any] = {}
        if paid is not None:
            known = {
                "references": (paid.invoice.reference,),
                "amount_minor": paid.invoice.total_minor,
            }
        if amount_minor is not None:
            known["amount_minor"] = amount_minor
        return self.bank_reports([{**known, **entry}])

    def bank_reports(self, entries: Sequence[dict[str, Any]]) -> Imported:
        """A file of the bank with entries; what isn't given is the usual."""
        self.files += 1
        name = f"{self.code}-{self.files}"
        return match_payment.import_bank_file(
            self.merchant_id,
            BankFile(
                "camt.054",
                name,
                sha256(name.encode()).hexdigest(),
                self.now,
                tuple(self._entry(number, given) for number, given in enumerate(entries)),
            ),
            f"{name}.xml",
            self.now,
        )

    def _entry(self, number: int, given: dict[str, Any]) -> BankEntry:
        usual = {
            "account": SELLER.iban,
            "entry_key": f"{self.code}-{self.files}-{number}",
            "currency": "EUR",
            "direction": "in",
            "is_reversal": False,
            "booked_on": self.now.date(),
        }
        return BankEntry(**{**usual, **given})

    def credits(self, credited: Stored, reason: str = "goodwill", **how: Any) -> str:
        """Credit an invoice, wholly or as `wanted` says; answers the credit note's number."""
        return credit(self.merchant_id, credited.number, reason, self.now, ACTOR, **how)

    def writes_off(self, lost: Stored, reason: str = "moved away", **how: Any) -> WriteOff:
        """Give up what is open of an invoice."""
        return write_off(self.merchant_id, lost.number, reason, self.now, ACTOR, **how)

    def closes(self, month: str) -> MonthReport:
        """Close a month."""
        return close_month(self.merchant_id, month, self.now, ACTOR)

    def open_minor(self, invoice: Stored) -> int:
        """What is left to pay of an invoice."""
        with reading(self.merchant_id) as session:
            return payments.open_minor(session, invoice.invoice.id)

    def history(self, subscription: UUID) -> list[tuple[int, str]]:
        """The events of a subscription: number and kind, the oldest first."""
        with reading(self.merchant_id) as session:
            told = lives.told(session, [subscription])[subscription]
        return [(one.seq, kind_of(one.event)) for one in told]

    def invoices(self) -> list[Stored]:
        """All invoices and credit notes, the oldest first."""
        with reading(self.merchant_id) as session:
            rows = session.rows("select id from invoice where merchant_id = %s", self.merchant_id)
            return invoices.load(session, [row[0] for row in rows])


@dataclass
class Citizen:
    """A customer of the town."""

    town: Town
    customer: Customer

    def subscribes(
        self, plan: str, *, on: str, add_ons: Sequence[str] = (), ends: str = "", **order: Any
    ) -> UUID:
        """Subscribe to a plan from a day on; `ends` is the last day of service + 1."""
        if "billed_from" in order:
            order["billed_from"] = day(order["billed_from"])
        if "quantity" in order:
            order["quantity"] = Decimal(order["quantity"])
        own = new_id()
        wanted = NewSubscription(
            id=own,
            external_id=own.hex,
            holder=self.customer.external_id,
            plan=plan,
            start_on=day(on),
            add_ons=tuple(add_ons),
            end_on=day(ends) if ends else None,
            **order,
        )
        subscribe(self.town.merchant_id, [wanted], self.town.now)
        return own

    def changes(self, subscription: UUID, command: Command) -> Changed:
        """Ask for a change of a subscription."""
        return change_subscription(
            self.town.merchant_id, subscription.hex, command, self.town.now, ACTOR
        )

    def previews(self, subscription: UUID, command: Command) -> ChangePreview:
        """Ask what a change would come to."""
        with reading(self.town.merchant_id) as session:
            return preview_change(session, subscription.hex, command, self.town.now)

    def is_invoiced(self, *lines: tuple[str, str, str], includes_tax: bool = True) -> str:
        """Write an invoice by hand: lines of text, quantity and unit amount; its number."""
        wanted = NewInvoice(
            tuple(
                NewLine(text, "line", Decimal(quantity), Decimal(amount))
                for text, quantity, amount in lines
            ),
            includes_tax,
        )
        town = self.town
        return write_invoice(town.merchant_id, self.customer.id, wanted, town.now, ACTOR)

    def invoices(self) -> list[Stored]:
        """This customer's invoices, the oldest first."""
        own = self.customer.id
        return [one for one in self.town.invoices() if one.invoice.customer_id == own]
