"""Operation reference: a payment reference made from its base, or checked."""

from kesto.adapters.banking.references import is_valid, printed, reference
from kesto.calculate.given import Answer
from kesto.core.fields import Fields


def make_or_check(fields: Fields) -> Answer:
    """Make the reference of a scheme for a base, or check a whole one."""
    scheme = fields.text("scheme")
    if fields.has("base") == fields.has("check"):
        fields.refuse("missing", "base", "or check must be given, and not both")
    is_made = fields.has("base")
    whole = reference(scheme, fields.text("base")) if is_made else fields.text("check")
    fields.close()
    return {
        "reference": whole,
        "printed": printed(scheme, whole),
        "valid": is_valid(scheme, whole),
    }
