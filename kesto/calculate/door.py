"""The calculator's operations by name, and how one request is answered."""

from collections.abc import Callable, Mapping
from importlib import import_module

from kesto.calculate.aggregate import aggregate
from kesto.calculate.barcode import barcode
from kesto.calculate.cancel import cancel
from kesto.calculate.change import change
from kesto.calculate.credit import credit
from kesto.calculate.deliveries import deliveries
from kesto.calculate.given import Answer
from kesto.calculate.invoice import invoice
from kesto.calculate.periods import periods
from kesto.calculate.price import price
from kesto.calculate.prorate import prorate
from kesto.calculate.reference import make_or_check
from kesto.core.fields import Fields
from kesto.core.refusals import Refused


def _retention(fields: Fields) -> Answer:
    # Numbers with a floating point take 25 MiB: they are loaded when somebody asks for them.
    answer: Answer = import_module("kesto.calculate.retention").retention(fields)
    return answer


OPERATIONS: Mapping[str, Callable[[Fields], Answer]] = {
    "price": price,
    "periods": periods,
    "prorate": prorate,
    "change": change,
    "aggregate": aggregate,
    "invoice": invoice,
    "reference": make_or_check,
    "barcode": barcode,
    "cancel": cancel,
    "credit": credit,
    "retention": _retention,
    "deliveries": deliveries,
}


def calculate(request: object) -> Answer:
    """Answer one request; what can't be computed is answered with an error that says why."""
    try:
        fields = Fields(request)
        name = fields.text("op")
        if name not in OPERATIONS:
            fields.refuse(
                "unknown_op", "op", f"{name!r} is unknown; known: {', '.join(OPERATIONS)}"
            )
        return OPERATIONS[name](fields)
    except Refused as refused:
        return error(refused.code, _naming(refused))
    except OverflowError:
        return error("out_of_range", "a date or a number is outside the range that is counted in")


def error(code: str, detail: str) -> Answer:
    """Write an error as an answer."""
    return {"error": {"code": code, "detail": detail}}


def is_error(answer: Answer) -> bool:
    """Tell whether an answer is an error."""
    return "error" in answer


def _naming(refused: Refused) -> str:
    """Return the refusal's sentence, with the field in front unless it names it already."""
    is_named = not refused.field or refused.field in refused.detail
    return refused.detail if is_named else f"{refused.field}: {refused.detail}"
