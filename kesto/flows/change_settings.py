"""Change settings: of the merchant, and of the company that stands on its invoices."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from msgspec import structs
from stdnum import bic as bic_number
from stdnum import iban as iban_number
from stdnum.fi import ytunnus
from stdnum.no import orgnr
from stdnum.se import orgnr as swedish_orgnr

from kesto.adapters.files import checks
from kesto.adapters.files.customers import vat_id
from kesto.core.billing_schedule import checked_hour, read_days
from kesto.core.invoice import Seller
from kesto.core.refusals import Invalid, NotFound, Refused, RefusedTogether
from kesto.store import audit, merchants
from kesto.store.merchants import Limits
from kesto.store.session import writing

MOST_DUE_DAYS = 90
MOST_LINK_DAYS = 366
MOST_GRACE_DAYS = 30
MOST_NOTICE_DAYS = 366
LEAST_USAGE_MONTHS, MOST_USAGE_MONTHS = 13, 600
MOST_MINOR = 10**12
MOST_INVOICES = 10**9


def change_merchant(
    merchant_id: UUID, name: str, wanted: Limits, now: datetime, actor: str
) -> None:
    """Set the merchant's name and limits. Raises Invalid."""
    tidied = _text(name, "name")
    for field in ("invoice_limit_minor", "service_credit_minor"):
        if not 0 <= getattr(wanted, field) <= MOST_MINOR:
            raise Invalid("give a sum of zero or more", code="bad_amount", field=field)
    if not 1 <= wanted.portal_link_days <= MOST_LINK_DAYS:
        raise Invalid(f"give 1 to {MOST_LINK_DAYS} days", code="bad_days", field="portal_link_days")
    if not 0 <= wanted.grace_days <= MOST_GRACE_DAYS:
        raise Invalid(
            f"give 0 to {MOST_GRACE_DAYS} days", code="bad_grace_days", field="grace_days"
        )
    if not 0 <= wanted.notice_days <= MOST_NOTICE_DAYS:
        raise Invalid(f"give 0 to {MOST_NOTICE_DAYS} days", code="bad_days", field="notice_days")
    for field in ("run_limit_invoices", "run_limit_minor"):
        limit = getattr(wanted, field)
        if limit is not None and not 0 <= limit <= (
            MOST_MINOR if field == "run_limit_minor" else MOST_INVOICES
        ):
            raise Invalid(
                "give zero or more, or nothing: no limit", code="bad_run_limit", field=field
            )
    months = wanted.usage_months
    if months is not None and not LEAST_USAGE_MONTHS <= months <= MOST_USAGE_MONTHS:
        detail = f"give {LEAST_USAGE_MONTHS} to {MOST_USAGE_MONTHS} months, or nothing: for good"
        raise Invalid(detail, code="bad_usage_months", field="usage_months")
    checked_hour(wanted.billing_hour, "billing_hour")
    days = ",".join(map(str, read_days(wanted.billing_days)))
    wanted = structs.replace(wanted, billing_days=days)
    with writing(merchant_id) as session:
        merchants.change_merchant(session, tidied, wanted)
        data = {"name": tidied, **structs.asdict(wanted)}
        audit.record(session, "change_merchant", data, now, actor)


def change_billing_entity(
    merchant_id: UUID, entity_id: UUID, wanted: Seller, due_days: int, now: datetime, actor: str
) -> Seller:
    """Set what stands on invoices from now on; issued ones keep what they froze.

    `due_days` holds for subscriptions that begin from now on. The country stays. Raises
    RefusedTogether with a refusal for each field that is wrong, NotFound.
    """
    seller = checked_seller(wanted, due_days)
    with writing(merchant_id) as session:
        before = merchants.sellers(session).get(entity_id)
        if before is None:
            raise NotFound("there is no such billing entity", field="billing_entity")
        seller = structs.replace(seller, country=before.seller.country)
        merchants.change_billing_entity(session, entity_id, seller, due_days, now)
        fields = [*Seller.__struct_fields__, "due_days"]
        was = {**structs.asdict(before.seller), "due_days": before.due_days}
        will = {**structs.asdict(seller), "due_days": due_days}
        changed = [field for field in fields if was[field] != will[field]]
        data = {"billing_entity": entity_id, "changed": changed}
        audit.record(session, "change_billing_entity", data, now, actor)
    return seller


def checked_seller(wanted: Seller, due_days: int) -> Seller:
    """The seller in its usual form. Raises RefusedTogether."""
    refusals: list[Refused] = []
    found: dict[str, str] = {}
    for field, check in _checks(wanted.country).items():
        try:
            found[field] = check(checks.tidied(getattr(wanted, field)))
        except Invalid as invalid:
            refusals.append(Invalid(invalid.detail, code=invalid.code, field=field))
    if not 1 <= due_days <= MOST_DUE_DAYS:
        refusals.append(
            Invalid(f"give 1 to {MOST_DUE_DAYS} days", code="bad_due_days", field="due_days")
        )
    if refusals:
        raise RefusedTogether(refusals)
    return structs.replace(wanted, **found)


def _checks(country: str) -> dict[str, Callable[[str], str]]:
    return {
        "name": lambda text: _text(text, "name"),
        "business_id": lambda text: _business_id(text, country),
        "vat_id": _vat_id,
        "street": lambda text: _text(text, "street"),
        "postal_code": lambda text: _text(text, "postal_code"),
        "city": lambda text: _text(text, "city"),
        "email": _email,
        "iban": _iban,
        "bic": _bic,
    }


def _text(text: str, field: str) -> str:
    tidied = checks.tidied(text)
    if not tidied:
        raise Invalid("is missing", code="missing", field=field)
    try:
        return checks.words(checks.printable(tidied))
    except Invalid as invalid:
        raise Invalid(invalid.detail, code="bad_text", field=field) from None


def _business_id(text: str, country: str) -> str:
    wrong = Invalid(f"{checks.shown(text)} is no business id", code="bad_business_id")
    match country:
        case "FI":
            if not ytunnus.is_valid(text):
                raise wrong
            return str(ytunnus.format(text))
        case "SE":
            if not swedish_orgnr.is_valid(text):
                raise wrong
            return str(swedish_orgnr.format(text))
        case "NO":
            if not orgnr.is_valid(text):
                raise wrong
            return str(orgnr.format(text))
    return _text(text, "business_id")


def _vat_id(text: str) -> str:
    try:
        return vat_id(text) if text else ""
    except Invalid as invalid:
        raise Invalid(invalid.detail, code="bad_vat_id") from None


def _email(text: str) -> str:
    try:
        return checks.email(text)
    except Invalid as invalid:
        raise Invalid(invalid.detail, code="bad_email") from None


def _iban(text: str) -> str:
    if not iban_number.is_valid(text):
        raise Invalid(f"{checks.shown(text)} is no account number (IBAN)", code="bad_iban")
    return str(iban_number.compact(text))


def _bic(text: str) -> str:
    if text and not bic_number.is_valid(text):
        raise Invalid(f"{checks.shown(text)} is no bank's code (BIC)", code="bad_bic")
    return str(bic_number.compact(text)) if text else ""
