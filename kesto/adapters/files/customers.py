"""Customers with their subscriptions in CSV, one row a subscription (docs/import.md)."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, get_args
from uuid import UUID

from msgspec.structs import replace
from stdnum.eu import vat as eu_vat
from stdnum.fi import ytunnus
from stdnum.no import mva

from kesto.adapters.files import checks
from kesto.adapters.files.csv_rows import CsvRow, read_rows
from kesto.adapters.files.errors import FileError, Findings
from kesto.core.calendar import Alignment
from kesto.core.customers import Channel, Customer, CustomerKind, PaymentMethodKind, Person
from kesto.core.refusals import Invalid, Refused
from kesto.core.subscription import NewSubscription, Term

LARGEST_BYTES = 50_000_000

Checks = Mapping[str, Callable[[str], Any]]
"""Column -> what its cell may be."""


def vat_id(text: str) -> str:
    """A VAT number of the European Union or of Norway, without spaces."""
    if eu_vat.is_valid(text):
        return str(eu_vat.compact(text))
    if mva.is_valid(text):
        return f"NO{mva.compact(text)}"
    raise Invalid(
        f"{checks.shown(text)} is no VAT number of an EU country or Norway; "
        "write it with the country's letters, such as FI12345671"
    )


CUSTOMER: Checks = {
    "external_id": checks.words,
    "kind": checks.choice(*get_args(CustomerKind)),
    "language": checks.choice(*checks.LANGUAGES),
    "zone": checks.zone,
    "currency": checks.currency,
    "business_id": checks.words,
    "vat_id": vat_id,
    "buyer_reference": checks.words,
    "order_number": checks.words,
    "cost_centre": checks.words,
    "payment_method": checks.choice(*get_args(PaymentMethodKind)),
    "channel": checks.choice(*get_args(Channel)),
}

PERSON: Checks = {
    "name": checks.words,
    "email": checks.email,
    "phone": checks.phone,
    "street": checks.words,
    "postal_code": checks.words,
    "city": checks.words,
    "country": checks.country,
}

SUBSCRIPTION: Checks = {
    "subscription_external_id": checks.words,
    "plan": checks.code,
    "start_on": checks.day,
    "payer": checks.words,
    "user": checks.words,
    "add_ons": checks.codes,
    "quantity": checks.quantity,
    "alignment": checks.choice(*get_args(Alignment)),
    "billing_day": checks.whole(1, 31),
    "anchor": checks.day,
    "subscription_zone": checks.zone,
    "last_day": checks.day,
    "billed_from": checks.day,
    "consolidated": checks.yes_or_no,
}

TERM: Checks = {
    "minimum_months": checks.whole(0, 120),
    "notice_days": checks.whole(0, 3650),
}

COLUMNS = (*CUSTOMER, *PERSON, *SUBSCRIPTION, *TERM)

FIELDS = {
    "subscription_external_id": "external_id",
    "subscription_zone": "zone",
    "last_day": "end_on",
    "consolidated": "is_consolidated",
}
"""Columns that are named otherwise than the field of the subscription that they fill."""


def read_customers(
    data: bytes, file: str, new_id: Callable[[], UUID]
) -> tuple[list[Customer], list[NewSubscription]]:
    """The customers and subscriptions in a file; `file` is its name for errors.

    A row without a plan is a customer only. Whether plans, payers and users exist, the flow
    that takes them in decides.
    """
    reading = _Reading(Findings(file), new_id)
    rows = read_rows(
        data,
        reading.findings,
        known=COLUMNS,
        required=("external_id", "kind", "name"),
        largest_bytes=LARGEST_BYTES,
    )
    for row in rows:
        reading.take(row)
    reading.findings.refuse_if_any()
    return reading.customers, reading.subscriptions


def read_customer(given: Mapping[str, str], own: UUID) -> Customer:
    """One customer out of texts by column, checked as in a file. Raises Invalid with the field."""
    texts = {name: checks.tidied(text) for name, text in given.items()}
    faults = {name: "is missing" for name in ("external_id", "kind", "name") if not texts.get(name)}
    values: dict[str, Any] = {}
    for name, check in {**CUSTOMER, **PERSON}.items():
        try:
            if text := texts.get(name):
                values[name] = check(checks.printable(text))
        except Invalid as invalid:
            faults[name] = invalid.detail
    if not faults:
        person = Person(**{name: values.pop(name) for name in PERSON if name in values})
        customer = Customer(id=own, person=person, **values)
        faults = dict(_customer_faults(customer))
        if not faults:
            return _with_usual_business_id(customer)
    name, detail = next(iter(faults.items()))
    raise Invalid(f"{name} {detail}", code="bad_value", field=name)


def places_of(data: bytes, file: str, refusals: Sequence[Refused]) -> list[FileError]:
    """Where in a file stand the subscriptions that a flow refused: their row and column."""
    rows = read_rows(data, Findings(file), known=COLUMNS, required=(), largest_bytes=LARGEST_BYTES)
    lines = {row.cells.get("subscription_external_id", ""): row.line for row in rows}
    columns = {field: column for column, field in FIELDS.items()} | {"holder": "external_id"}
    return [
        FileError(file, lines.get(one.subject, 1), columns.get(one.field, one.field), one.detail)
        for one in refusals
    ]


class _Said(NamedTuple):
    """What a row says about its customer: the line, and the cells of the customer's columns."""

    line: int
    cells: tuple[str | None, ...]


class _Reading:
    """What one file has given so far, and where it was first said."""

    def __init__(self, findings: Findings, new_id: Callable[[], UUID]) -> None:
        self.findings = findings
        self.new_id = new_id
        self.customers: list[Customer] = []
        self.subscriptions: list[NewSubscription] = []
        self.customers_said: dict[str, _Said] = {}
        self.subscription_lines: dict[str, int] = {}

    def take(self, row: CsvRow) -> None:
        said = _Said(row.line, tuple(map(row.cells.get, (*CUSTOMER, *PERSON))))
        first = self.customers_said.setdefault(row.cells.get("external_id", ""), said)
        if first is said or "external_id" not in row.cells:
            self.take_customer(row)
        elif first.cells != said.cells:
            self.refuse_contradictions(first, said)
        if "plan" in row.cells:
            self.take_subscription(row)
        else:
            self.refuse_without_plan(row)

    def take_customer(self, row: CsvRow) -> None:
        fields = self.checked(row, CUSTOMER, required=("external_id", "kind"))
        person = self.checked(row, PERSON, required=("name",))
        if fields is None or person is None:
            return
        customer = Customer(id=self.new_id(), person=Person(**person), **fields)
        for field, detail in _customer_faults(customer):
            self.findings.add(row.line, field, detail)
        self.customers.append(_with_usual_business_id(customer))

    def take_subscription(self, row: CsvRow) -> None:
        fields = self.checked(row, SUBSCRIPTION, required=("subscription_external_id", "start_on"))
        term = self.checked(row, TERM)
        self.refuse_repeat(row)
        if fields is None or term is None:
            return
        for field, detail in _subscription_faults(fields):
            self.findings.add(row.line, field, detail)
        if "last_day" in fields:
            fields["last_day"] += timedelta(days=1)
        values = {FIELDS.get(column, column): value for column, value in fields.items()}
        holder = row.cells.get("external_id", "")
        self.subscriptions.append(
            NewSubscription(id=self.new_id(), holder=holder, term=Term(**term), **values)
        )

    def checked(
        self, row: CsvRow, columns: Checks, required: tuple[str, ...] = ()
    ) -> dict[str, Any] | None:
        """The row's values in these columns; none when something is missing or wrong."""
        values: dict[str, Any] = {}
        faults = {name: "is missing" for name in required if name not in row.cells}
        for name in filter(row.cells.__contains__, columns):
            try:
                values[name] = columns[name](checks.printable(row.cells[name]))
            except Invalid as invalid:
                faults[name] = invalid.detail
        for name, detail in faults.items():
            self.findings.add(row.line, name, detail)
        return None if faults else values

    def refuse_contradictions(self, first: "_Said", later: "_Said") -> None:
        """A customer's further rows must say the same about the customer."""
        names = (*CUSTOMER, *PERSON)
        for name, one, other in zip(names, first.cells, later.cells, strict=True):
            if one != other:
                detail = f"says something else about this customer than line {first.line}"
                self.findings.add(later.line, name, detail)

    def refuse_repeat(self, row: CsvRow) -> None:
        name = "subscription_external_id"
        first_line = self.subscription_lines.setdefault(row.cells.get(name, ""), row.line)
        if first_line != row.line and name in row.cells:
            self.findings.add(row.line, name, f"is there already, in line {first_line}")

    def refuse_without_plan(self, row: CsvRow) -> None:
        for name in (*SUBSCRIPTION, *TERM):
            if name in row.cells:
                self.findings.add(row.line, name, "stands without a plan; name the plan")


def _customer_faults(customer: Customer) -> Iterator[tuple[str, str]]:
    """What can't be true together about a customer: column and sentence."""
    is_finnish = customer.person.country == "FI"
    for name in ("business_id", "vat_id"):
        if customer.kind == "consumer" and getattr(customer, name):
            yield name, "is for companies; is this customer's kind company?"
    number = customer.business_id
    if customer.kind == "company" and is_finnish and number and not ytunnus.is_valid(number):
        yield "business_id", f"{checks.shown(number)} is no business id; write one as 1234567-1"
    postal_code = customer.person.postal_code
    if is_finnish and not re.fullmatch("([0-9]{5})?", postal_code):
        yield "postal_code", f"{checks.shown(postal_code)} must have five digits in Finland"


def _with_usual_business_id(customer: Customer) -> Customer:
    """A Finnish business id in its usual form, with the hyphen."""
    if customer.person.country != "FI" or not ytunnus.is_valid(customer.business_id):
        return customer
    return replace(customer, business_id=str(ytunnus.format(customer.business_id)))


def _subscription_faults(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What can't be true together about a subscription: column and sentence."""
    alignment = fields.get("alignment", "anniversary")
    for name in ("billing_day", "anchor"):
        if alignment == name and name not in fields:
            yield name, f"is missing, but alignment is {name}"
        elif alignment != name and name in fields:
            yield name, f"needs the alignment {name}, but that is {alignment}"
    if "last_day" in fields and fields["last_day"] < fields["start_on"]:
        yield "last_day", f"lies before start_on, {fields['start_on']}"
