"""`kesto import`: a merchant, a price list, customers, prices, a bank's file, usage."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from msgspec import structs

from kesto.adapters.banking import camt
from kesto.adapters.files import catalogue as catalogue_file
from kesto.adapters.files import customers as customers_file
from kesto.adapters.files import merchant as merchant_file
from kesto.adapters.files import price_values as price_values_file
from kesto.adapters.files.errors import InvalidFile
from kesto.core.money import format_minor
from kesto.core.price_series import RESOLUTIONS, PriceSeries, Resolution
from kesto.core.refusals import Invalid, NotFound, Refused, RefusedTogether
from kesto.flows.give_prices import give_prices
from kesto.flows.import_customers import import_customers
from kesto.flows.make_price_series import make_price_series
from kesto.flows.match_payment import import_bank_file
from kesto.flows.open_merchant import open_merchant
from kesto.flows.publish_catalogue import publish_catalogue
from kesto.ops import clock, console
from kesto.ops.commands.import_usage import usage
from kesto.ops.desk import Desk, desk, installation
from kesto.store import merchants, price_series
from kesto.store.ids import new_id
from kesto.store.session import reading

app = typer.Typer(help="Bring in a file.", no_args_is_help=True)
app.command()(usage)

File = Annotated[Path, typer.Argument(metavar="FILE", help="The file to read.")]
MerchantCode = Annotated[str, typer.Option(help="The merchant's code.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def merchant(file: File, *, as_json: AsJson = False) -> None:
    """Open a merchant from a TOML file: its name, its mode and the company that sells."""
    new = merchant_file.read_merchant(_bytes(file, merchant_file.LARGEST_BYTES), file.name)
    with installation():
        open_merchant(new.code, new.name, new.mode, new.seller, new.clock_at or clock.now())
    _tell({"merchant": new.code, "mode": new.mode}, as_json=as_json)


@app.command()
def catalogue(file: File, *, merchant: MerchantCode = "", as_json: AsJson = False) -> None:
    """Publish a price list from a TOML file."""
    data = _bytes(file, catalogue_file.LARGEST_BYTES)
    offered = catalogue_file.read_catalogue(data, file.name, new_id)
    with desk(merchant) as at:
        try:
            done = publish_catalogue(at.merchant.id, offered, at.now)
        except Refused as refusal:
            several = refusal.refusals if isinstance(refusal, RefusedTogether) else (refusal,)
            places = [catalogue_file.place_of(data, file.name, offered, one) for one in several]
            raise InvalidFile(places) from refusal
    _tell(structs.asdict(done), as_json=as_json)


@app.command()
def customers(file: File, *, merchant: MerchantCode = "", as_json: AsJson = False) -> None:
    """Bring in customers and their subscriptions from a CSV file."""
    data = _bytes(file, customers_file.LARGEST_BYTES)
    with console.progress(f"Bringing in {file.name}"):
        found, orders = customers_file.read_customers(data, file.name, new_id)
        with desk(merchant) as at:
            try:
                done = import_customers(at.merchant.id, found, orders, at.now)
            except RefusedTogether as together:
                places = customers_file.places_of(data, file.name, together.refusals)
                raise InvalidFile(places) from together
    _tell(
        {
            "customers": done.customers,
            "subscriptions": done.subscriptions,
            "known_customers": done.known_customers,
            "known_subscriptions": done.known_subscriptions,
        },
        as_json=as_json,
    )
    if not found:
        console.say(f"{file.name} has no rows below its header: nothing was changed.")


@app.command()
def bank(file: File, *, merchant: MerchantCode = "", as_json: AsJson = False) -> None:
    """Bring in a bank's camt.053 or camt.054 file and match its payments."""
    data = _bytes(file, camt.MOST_BYTES)
    with console.progress(f"Bringing in {file.name}"), _naming(file):
        read = camt.Camt().read(data)
        with desk(merchant) as at:
            done = import_bank_file(at.merchant.id, read, file.name, at.now)
    currency = read.entries[0].currency if read.entries else "EUR"
    _tell(
        {
            "entries": done.entries,
            "new": done.new,
            "matched": done.matched,
            "matched_sum": format_minor(done.matched_minor, currency),
            "waiting": done.unmatched,
        },
        as_json=as_json,
    )
    if done.is_repeated:
        console.say("This file was imported before: nothing was changed.")
    elif done.unmatched:
        console.say("Some payments wait for a person; see them with: kesto match")


@app.command()
def prices(
    file: File,
    *,
    series: Annotated[str, typer.Option(help="The code of the price series.", metavar="CODE")],
    make: Annotated[
        str, typer.Option(help="Make it if it is not there: hour or quarter_hour.", metavar="EACH")
    ] = "",
    name: Annotated[str, typer.Option(help="Its name, when it is made.")] = "",
    unit: Annotated[str, typer.Option(help="Its unit, when it is made.")] = "",
    merchant: MerchantCode = "",
    as_json: AsJson = False,
) -> None:
    """Bring in prices of a price series from a CSV file, such as the spot prices of a day."""
    data = _bytes(file, price_values_file.LARGEST_BYTES)
    read = price_values_file.read_price_values(data, file.name)
    with desk(merchant) as at:
        if make:
            _make_series(at, (series, name or series, unit, make))
        try:
            done = give_prices(at.merchant.id, series, read.values, at.now, "system")
        except Refused as refusal:
            raise price_values_file.place_of(read, refusal) from refusal
    counts = {"prices": len(read.values), "new": done.accepted, "known": done.duplicate}
    _tell({**counts, "released": done.released}, as_json=as_json)
    if done.released:
        console.say("What waited for these prices is billed by the next run: kesto bill")


def _make_series(at: Desk, words: tuple[str, str, str, str]) -> None:
    """Make a price series in the merchant's currency, unless there is one of its code."""
    code, name, unit, each = words
    if each not in RESOLUTIONS:
        detail = f"must be one of {', '.join(RESOLUTIONS)}"
        raise Invalid(detail, code="bad_choice", field="make")
    with reading(at.merchant.id) as session:
        if code in price_series.all_series(session):
            return
        currency = merchants.billing_entities(session)[0].currency
    resolution: Resolution = "hour" if each == "hour" else "quarter_hour"
    made = PriceSeries(new_id(), code, name, currency, unit, resolution)
    make_price_series(at.merchant.id, made, at.now, "system")


def _bytes(file: Path, largest_bytes: int) -> bytes:
    """The file's bytes; of one that is too large no more than that is read."""
    try:
        with file.open("rb") as opened:
            data = opened.read(largest_bytes + 1)
    except OSError as error:
        raise NotFound(f"{file} can't be read: {error.strerror}", field="file") from error
    if len(data) > largest_bytes:
        raise Invalid(
            f"{file} is too large: at most {largest_bytes:,} bytes are taken, split it",
            code="file_too_large",
            field="file",
        )
    if not data.strip():
        raise Invalid(f"{file} is empty", code="file_empty", field="file")
    return data


@contextmanager
def _naming(file: Path) -> Iterator[None]:
    """Begin each sentence about what is in a file with the file's name."""
    try:
        yield
    except Invalid as invalid:
        is_placed = invalid.detail.startswith("Line ")
        place = f"{file.name}, l" if is_placed else f"{file.name}: "
        detail = place + invalid.detail.removeprefix("L" if is_placed else "")
        raise Invalid(detail, code=invalid.code, field=invalid.field) from invalid


def _tell(counts: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        console.show_json(counts)
    else:
        columns = [name.replace("_", " ") for name in counts]
        console.show_table(columns, [tuple(counts.values())])
