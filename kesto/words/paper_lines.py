"""What a document charges: its lines by service, its VAT, its totals."""

from collections.abc import Iterator, Sequence

from kesto.core.line import CREDIT, USAGE
from kesto.words.explanations import brief, sentences
from kesto.words.forms import exact_figure, measure, number, percent, period
from kesto.words.paper import Fact, PaperLine, ServicePaper, TaxPaper, TaxTable
from kesto.words.reasons import shortened
from kesto.words.tongue import Tongue
from kesto.words.views import InvoiceView, LineView, ServiceView, TaxView

_MOST_SERVICES_SUMMED = 3
_LONGEST_TITLE = 30
_WIDEST = 14


def services(view: InvoiceView, tongue: Tongue) -> tuple[ServicePaper, ...]:
    """Return the lines by service, in the order of the lines; a title only where it tells apart."""
    found: dict[ServiceView | None, list[LineView]] = {}
    for line in view.lines:
        found.setdefault(_service(line, view, tongue), []).append(line)
    are_told_apart = len(found) > 1
    sign = sign_of(view)
    return tuple(
        ServicePaper(
            title=service.title if service and are_told_apart else "",
            note=service.note if service and are_told_apart else "",
            amount=tongue.figure(sign * sum(line.amount_minor for line in lines)),
            lines=tuple(_line(line, tongue, sign) for line in lines),
        )
        for service, lines in found.items()
    )


def sign_of(view: InvoiceView) -> int:
    """Minus one for a credit note, whose amounts are kept positive and shown taken back."""
    return -1 if view.kind == "credit_note" else 1


def tax_table(view: InvoiceView, tongue: Tongue) -> TaxTable:
    """Return VAT by rate, with all rates together where there are several."""
    sign = sign_of(view)
    rows = [
        _tax(percent(tax.rate_percent, tongue.language), tax, tongue, sign) for tax in view.taxes
    ]
    whole = TaxView(view.taxes[0].rate_percent, view.net_minor, view.tax_minor) if rows else None
    has_total = whole is not None and len(rows) > 1
    total = _tax(tongue.say("total"), whole, tongue, sign) if whole and has_total else None
    if view.credits:
        return TaxTable(tongue.say("vat_as_credited", number=view.credits), tuple(rows), total)
    hint = "vat_included" if view.includes_tax else "vat_added"
    return TaxTable(tongue.say(hint), tuple(rows), total)


def totals(view: InvoiceView, tongue: Tongue) -> tuple[Fact, ...]:
    """Return what the sum is made of; the last row is what counts."""
    sign = sign_of(view)
    settled_minor = view.total_minor - view.open_minor if view.kind == "invoice" else 0
    rows = dict(_summed(view, tongue))
    if settled_minor:
        rows[tongue.say("total")] = view.total_minor
        rows |= {tongue.say(key): -minor for key, minor in settled(view).items()}
    last = "to_pay" if view.kind == "invoice" else "total_credit"
    printed = [Fact(label, tongue.minor(sign * minor)) for label, minor in rows.items()]
    return (*printed, Fact(tongue.say(last), tongue.minor(sign * view.total_minor - settled_minor)))


def settled(view: InvoiceView) -> dict[str, int]:
    """What of an invoice is not to be paid any more, by the key of its words."""
    found = {
        "credit_used": view.credit_used_minor,
        "settled": view.settled_minor,
        "written_off": view.written_off_minor,
    }
    return {key: minor for key, minor in found.items() if minor}


def is_late(line: LineView) -> bool:
    """Whether a line is for usage that came after the line that it corrects."""
    return line.usage is not None and line.usage.before is not None


def quantity_of(line: LineView, sign: int, language: str, room: int = _WIDEST) -> str:
    """Return how much a line is for, with the unit of usage where there is room for it.

    Of usage that came late it is what was not billed before.
    """
    usage = line.usage
    if usage is None or line.kind != USAGE:
        return number(sign * line.quantity, language)
    quantity = sign * (line.quantity - (usage.before or 0))
    written = measure(quantity, usage.unit, language)
    return written if len(written) <= room else number(quantity, language)


def _summed(view: InvoiceView, tongue: Tongue) -> Iterator[tuple[str, int]]:
    """The sum by service where they are few and their prices are what is paid, else net and VAT."""
    by_service: dict[str, int] = {}
    for line in view.lines:
        service = _service(line, view, tongue)
        title = shortened(service.title, _LONGEST_TITLE) if service else ""
        by_service[title] = by_service.get(title, 0) + line.amount_minor
    if view.includes_tax and 1 < len(by_service) <= _MOST_SERVICES_SUMMED:
        yield from by_service.items()
    else:
        yield tongue.say("total_net"), view.net_minor
        yield tongue.say("total_vat"), view.tax_minor


def _service(line: LineView, view: InvoiceView, tongue: Tongue) -> ServiceView | None:
    """Return what a line belongs to; credit to the one service there is, else to itself."""
    if line.kind != CREDIT:
        return line.service
    services = {one.service for one in view.lines if one.kind != CREDIT}
    return (
        services.pop() if len(services) == 1 else ServiceView("credit", tongue.say("credit_title"))
    )


def _line(line: LineView, tongue: Tongue, sign: int) -> PaperLine:
    language, unit = tongue.language, None if is_late(line) else line.unit_amount
    told: Sequence[str] = ()
    why: Sequence[str] = ()
    if line.explanation is not None and sign > 0:
        facts = (line.explanation, line.amount_minor, tongue.currency, language, line.kind)
        more = (line.usage, line.coupon)
        told, why = brief(*facts, *more), sentences(*facts, *more)
    if line.explanation is not None and line.explanation.part_of_minor:
        whole = tongue.minor(line.explanation.part_of_minor)
        told = why = (tongue.say("part_of_line", amount=whole),)
    used = period(line.period_start, line.period_end, language)
    return PaperLine(
        name=line.name,
        note=" ".join([f"{used}." if told and not used.endswith(".") else used, *told]),
        why=tuple(why),
        quantity=quantity_of(line, sign, language),
        price="" if unit is None else exact_figure(unit, tongue.currency, language),
        rate=percent(line.tax_rate_percent, language),
        amount=tongue.figure(sign * line.amount_minor),
        amount_minor=sign * line.amount_minor,
        line_no=line.line_no if line.kind == USAGE and sign > 0 else 0,
    )


def _tax(rate: str, tax: TaxView, tongue: Tongue, sign: int) -> TaxPaper:
    sums = (tax.net_minor, tax.tax_minor, tax.gross_minor)
    return TaxPaper(rate, *(tongue.figure(sign * minor) for minor in sums))
