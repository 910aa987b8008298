"""Items, prices and a payer in memory, for the laws of the core."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import strategies as st
from msgspec.structs import replace

from kesto.core.billing import Account, BillingGroup, Outcome, bill_account
from kesto.core.calendar import Alignment, Interval, Unit
from kesto.core.catalog import Charged, Price, Product, ProrationRule
from kesto.core.invoicing import Billed
from kesto.core.item import Cadence, Item
from kesto.core.line import Key, Line
from kesto.core.pricing import parse_price
from kesto.core.rating import Rater

MONTH = Interval("month")
RATES = {"standard": Decimal("25.5"), "reduced": Decimal("13.5"), "exempt": Decimal(0)}
NO_LIMIT = 10**15


def vat_rate(category: str, _on: date) -> Decimal:
    return RATES[category]


def day(text: str) -> date:
    return date.fromisoformat(text)


def sold(
    number: int = 1,
    spec: Mapping[str, object] | None = None,
    *,
    interval: Interval | None = MONTH,
    charged: Charged = "arrears",
    proration: ProrationRule = "day",
    category: str = "standard",
    account: str = "3000",
) -> Price:
    """A price of 10.00 a unit and month unless said otherwise."""
    return Price(
        id=UUID(int=number),
        code=f"price-{number}",
        product=Product(UUID(int=1000 + number), f"product-{number}", {}, category, account),
        spec=parse_price(spec or {"model": "per_unit", "unit_amount": "10.00"}),
        currency="EUR",
        includes_tax=True,
        interval=interval,
        charged=charged,
        proration=proration,
    )


def item(
    *prices: Price,
    start_on: str | date,
    number: int = 1,
    end_on: str | date | None = None,
    billed_from: str | date | None = None,
    quantity: str = "1",
    alignment: Alignment = "anniversary",
    billing_day: int = 0,
    anchor: str | None = None,
    zone: str = "Europe/Helsinki",
) -> Item:
    """An item whose subscription starts when it does."""
    start = _day(start_on)
    return Item(
        id=UUID(int=number),
        prices=prices or (sold(),),
        quantity=Decimal(quantity),
        cadence=Cadence(start, alignment, billing_day, day(anchor) if anchor else None, zone),
        start_on=start,
        end_on=None if end_on is None else _day(end_on),
        billed_from=None if billed_from is None else _day(billed_from),
    )


class Payer:
    """A billing group in memory: it keeps between runs what the store keeps, and no more."""

    def __init__(
        self, *items: Item, includes_tax: bool = True, accepts_bounds: bool = True
    ) -> None:
        self.items = items
        self.lines: list[Line] = []
        self.next_due_on: date | None = date.min
        self.group = BillingGroup(
            id=UUID(int=1),
            billing_entity_id=UUID(int=2),
            payer_id=UUID(int=3),
            currency="EUR",
            due_days=14,
            includes_tax=includes_tax,
            billed_through=None,
            dirty_from=None,
            history_seq=1,
            accepts_bounds=accepts_bounds,
            next_due_on=None,
            buyer_sha256=b"",
        )

    def bill(self, through: date, limit_minor: int = NO_LIMIT) -> Outcome | None:
        """Bill as a run does: None when there is no work by that day; parked changes nothing."""
        if self.next_due_on is None or self.next_due_on > through:
            return None
        billed = self.billed() if self.group.dirty_from is not None else {}
        account = Account(self.group, self.items, billed)
        outcome = bill_account(account, Rater(vat_rate), through, limit_minor)
        if outcome.parked is not None:
            return outcome
        cursor = outcome.cursor
        self.next_due_on = cursor.next_due_on
        self.group = replace(
            self.group,
            billed_through=cursor.billed_through,
            dirty_from=None if cursor.is_clean else self.group.dirty_from,
        )
        if outcome.draft is not None:
            self.lines.extend(outcome.draft.lines)
        return outcome

    def changes_to(self, *items: Item) -> None:
        """The past is another one now: the next run looks back."""
        self.items = items
        self.look_back()

    def look_back(self) -> None:
        """Make the next run compare everything from the beginning."""
        self.group = replace(self.group, dirty_from=date.min)
        self.next_due_on = date.min

    def billed(self) -> dict[Key, Billed]:
        """What stands on invoices so far, by key."""
        found: dict[Key, Billed] = {}
        for line in self.lines:
            before = found.get(line.key)
            amount = line.rated.amount_minor + (before.amount_minor if before else 0)
            found[line.key] = Billed(amount, line.rated)
        return found

    def sums(self) -> dict[Key, int]:
        """What stands on invoices so far by key, without what came to nothing."""
        return {key: one.amount_minor for key, one in self.billed().items() if one.amount_minor}


def sums(lines: Sequence[Line]) -> dict[Key, int]:
    """The amounts of due lines by key, without those of nothing."""
    return {line.key: line.rated.amount_minor for line in lines if line.rated.amount_minor}


starts = st.dates(date(2027, 12, 1), date(2028, 4, 30)) | st.sampled_from(
    [day("2027-12-31"), day("2028-01-31"), day("2028-02-29"), day("2028-03-26")]
)
alignments: st.SearchStrategy[Alignment] = st.sampled_from(
    ["anniversary", "calendar", "billing_day", "anchor"]
)
units: st.SearchStrategy[Unit] = st.sampled_from(["month", "month", "month", "year"])


@st.composite
def items(draw: st.DrawFn, number: int = 1) -> Item:
    """An item with one or two prices, begun in the winter of a leap year."""
    start_on = draw(starts)
    alignment = draw(alignments)
    length = draw(st.none() | st.integers(1, 250))
    billed_later = draw(st.none() | st.none() | st.integers(1, 100))
    return item(
        *[draw(prices(10 * number + place)) for place in range(draw(st.integers(1, 2)))],
        number=number,
        start_on=start_on,
        end_on=None if length is None else start_on + timedelta(days=length),
        billed_from=None if billed_later is None else start_on + timedelta(days=billed_later),
        quantity=draw(st.sampled_from(["1", "2", "0.5", "3.333333333333"])),
        alignment=alignment,
        billing_day=draw(st.integers(1, 31)) if alignment == "billing_day" else 0,
        anchor="2028-01-31" if alignment == "anchor" else None,
    )


@st.composite
def prices(draw: st.DrawFn, number: int) -> Price:
    """A price of any cadence; some have a minimum, some are charged once."""
    spec: dict[str, object] = {"model": "per_unit", "unit_amount": _euros(draw(cents))}
    minimum_cents = draw(st.none() | st.none() | cents)
    if minimum_cents is not None:
        spec["minimum"] = _euros(minimum_cents)
    interval = draw(st.none() | st.builds(Interval, units, st.integers(1, 3)) | st.just(MONTH))
    return sold(
        number,
        spec,
        interval=interval,
        charged=draw(st.sampled_from(["advance", "arrears"])),
        proration=draw(st.sampled_from(["day", "day", "second", "none"])),
        category=draw(st.sampled_from(sorted(RATES))),
        account=draw(st.sampled_from(["3000", "3010"])),
    )


cents = st.integers(0, 9_000)


def _euros(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


def _day(given: str | date) -> date:
    return day(given) if isinstance(given, str) else given
