"""Row g: invoices as PDF, codes and chart and all, beside the same page without them, on one core.

Each has a number, a name, a reference, codes and a chart of its own; five lines in two services,
two rates of VAT, a comparison with the invoice before.
"""

import resource
import time
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from msgspec.structs import replace

from kesto.adapters.documents.codes import Codes
from kesto.adapters.documents.renderer import Renderer
from kesto.bench.crew import Effort, Worked
from kesto.bench.figure import Measured, short, steady_spread
from kesto.bench.ground import Ground
from kesto.bench.rounds import Round, interleaved, median_of
from kesto.core.line import ExplainedPart, Explanation
from kesto.core.reasons import Reason
from kesto.core.references import finnish
from kesto.core.tax import tax_groups
from kesto.words.invoice_paper import invoice_paper
from kesto.words.views import (
    InvoiceView,
    LineView,
    PartyView,
    PastView,
    PreviousView,
    ServiceView,
    TaxView,
)

ROUNDS = 3
WARM_UP = 10

_SELLER = PartyView(
    "Bench Oy", ("Mittakatu 1", "00100 Helsinki"), "2915046-7", "FI29150467", "a@bench.example"
)
_POWER, _PHONE = ServiceView("a", "Sähkö", "Kesämökki"), ServiceView("b", "Puhelin")
_PRODUCT = UUID(int=1)


def measure(ground: Ground, size: int, tell: Callable[[str], None]) -> list[Measured]:
    """Make `size` documents, between two runs of the same pages without codes and chart."""
    renderer = Renderer(ground.fonts)
    views = [_view(number) for number in range(size)]
    tell("warming up")
    for view in views[:WARM_UP]:
        renderer.pdf(invoice_paper(view))
        _plain(renderer, view)
    tell("making documents between two runs of the plain page")
    rounds = interleaved(
        lambda: _worked(views, lambda view: renderer.pdf(invoice_paper(view))),
        lambda: _worked(views, lambda view: _plain(renderer, view)),
        ROUNDS,
        steady_spread(),
    )
    value = median_of(rounds, lambda one: size / one.product.seconds)
    baseline = median_of(rounds, lambda one: size / one.baseline_seconds)
    ratio = median_of(rounds, lambda one: one.ratio)
    samples = [_sample(one, size) for one in rounds]
    on_a_core = median_of(rounds, lambda one: size / one.product.efforts[0].cpu_seconds)
    return [
        Measured("g", "documents/s", value, baseline, ratio, samples),
        Measured("g_core", "documents/s of a core", on_a_core, 1, on_a_core, samples),
    ]


def _plain(renderer: Renderer, view: InvoiceView) -> bytes:
    return renderer.laid_out(invoice_paper(replace(view, history=())), Codes())


def _worked(views: Sequence[InvoiceView], make: Callable[[InvoiceView], bytes]) -> Worked:
    began, used = time.perf_counter(), time.process_time()
    for view in views:
        make(view)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Worked(seconds, (Effort(time.process_time() - used, peak),))


def _sample(one: Round, size: int) -> dict[str, object]:
    return {
        "ratio": short(one.ratio),
        "documents_per_second": short(size / one.product.seconds),
        "documents_per_cpu_second": short(size / one.product.efforts[0].cpu_seconds),
        "baseline_spread": short(one.spread),
        "product": one.product,
        "baseline": [one.before, one.after],
    }


def _view(number: int) -> InvoiceView:
    lines = _lines(number)
    charged = [("vat", line.tax_rate_percent, line.amount_minor) for line in lines]
    taxes = [
        TaxView(group.rate_percent, group.net_minor, group.tax_minor)
        for group in tax_groups(charged, includes_tax=True)
    ]
    total_minor = sum(line.amount_minor for line in lines)
    history = [
        PastView(date(2026, month, 1), 4_000 + number + 37 * month) for month in range(1, 11)
    ]
    more_minor = total_minor - history[-1].total_minor
    reasons = (
        Reason("quantity", _PRODUCT, more_minor - 76, "243", "304"),
        Reason("price", _PRODUCT, 76, "4.14", "4.9"),
    )
    return InvoiceView(
        number=f"2026-{number + 1:06}",
        issued_on=date(2026, 11, 1),
        due_on=date(2026, 11, 15),
        currency="EUR",
        includes_tax=True,
        seller=_SELLER,
        buyer=PartyView(f"Asiakas {number}", (f"Kuja {number}", "00200 Helsinki")),
        lines=lines,
        taxes=tuple(taxes),
        open_minor=total_minor,
        reference=finnish(1_000 + number),
        iban="FI2112345600000785",
        bic="NDEAFIHH",
        language="fi",
        customer_number=str(number),
        previous=PreviousView(
            *(f"2026-{number:06}", date(2026, 10, 1), history[-1].total_minor, reasons),
            {_PRODUCT: "Sähkö"},
        ),
        history=(*history, PastView(date(2026, 11, 1), total_minor)),
    )


def _lines(number: int) -> tuple[LineView, ...]:
    """Two tiers of use, a share of a price, and two plain ones, one at another rate."""
    use = 304 + number % 97
    first, second = 200 * Decimal("0.089"), (use - 200) * Decimal("0.079")
    tiers = (
        ExplainedPart("tier", "200", str(first), "0.089"),
        ExplainedPart("tier", str(use - 200), str(second), "0.079"),
    )
    share = (
        ExplainedPart("flat", "1", "50", "0", "50"),
        ExplainedPart("share", "0.483870967742", "-25.806451612903", "50", "-50"),
    )
    used_minor = 1780 + 79 * (use - 200) // 10
    return (
        _line("Perusmaksu", 490, _POWER),
        _line("Energia", used_minor, _POWER, quantity=use, parts=tiers),
        _line("Valokuitu 1000 Mbit/s", 2419, _PHONE, parts=share, share="15/31"),
        _line("Puhelinliittymä", 2000 + number % 11, _PHONE),
        _line("Valovirta-lehti", 235, _PHONE, rate="10"),
    )


def _line(
    name: str,
    amount_minor: int,
    service: ServiceView,
    *,
    quantity: int = 1,
    parts: tuple[ExplainedPart, ...] = (),
    share: str = "",
    rate: str = "25.5",
) -> LineView:
    amount = Decimal(amount_minor) / 100
    plain = (ExplainedPart("flat", "1", str(amount), "0", str(amount)),)
    return LineView(
        *(name, date(2026, 10, 1), date(2026, 11, 1), Decimal(quantity), amount_minor),
        Decimal(rate),
        unit_amount=None if parts else amount,
        explanation=Explanation(str(quantity), str(amount), parts or plain, share),
        service=service,
    )
