"""A new merchant in TOML: its name, its mode and the company that sells (docs/import.md)."""

from datetime import datetime

from msgspec import Struct
from stdnum import iban as iban_number
from stdnum.fi import ytunnus

from kesto.adapters.files import checks
from kesto.adapters.files.customers import vat_id
from kesto.adapters.files.errors import Findings
from kesto.adapters.files.toml_table import read_toml
from kesto.core.invoice import Seller
from kesto.core.merchant import Mode
from kesto.core.refusals import Invalid
from kesto.countries import country

LARGEST_BYTES = 100_000


class NewMerchant(Struct, frozen=True):
    """A merchant as a file describes it; `clock_at` is where a test merchant's clock begins."""

    code: str
    name: str
    mode: Mode
    seller: Seller
    clock_at: datetime | None


def read_merchant(data: bytes, file: str) -> NewMerchant:
    """The merchant in a file; `file` is its name for errors."""
    findings = Findings(file)
    root = read_toml(data, findings, LARGEST_BYTES)
    code = root.text("code", checks.code, "", required=True)
    name = root.text("name", checks.words, "", required=True)
    mode: Mode = root.text("mode", checks.choice("live", "test"), "test", required=True)
    clock_at = root.text("clock", checks.moment, None)
    home = root.text("country", _country, "FI", required=True)
    seller = Seller(
        name=root.text("company", checks.words, name),
        business_id=root.text("business_id", checks.words, "", required=True),
        vat_id=root.text("vat_id", vat_id, ""),
        street=root.text("street", checks.words, "", required=True),
        postal_code=root.text("postal_code", checks.words, "", required=True),
        city=root.text("city", checks.words, "", required=True),
        country=home,
        email=root.text("email", checks.email, "", required=True),
        iban=root.text("iban", _iban, "", required=True),
        bic=root.text("bic", checks.words, ""),
    )
    if home == "FI" and seller.business_id and not ytunnus.is_valid(seller.business_id):
        root.error(("business_id",), "is no Finnish business ID; it looks like 2915046-7")
    if mode == "live" and clock_at is not None:
        root.error(("clock",), "is for test merchants; a live one goes by the real time")
    root.finish()
    findings.refuse_if_any()
    return NewMerchant(code, name, mode, seller, clock_at)


def _country(text: str) -> str:
    return country(text).code


def _iban(text: str) -> str:
    if not iban_number.is_valid(text):
        raise Invalid("is no account number (IBAN); check its digits")
    return str(iban_number.compact(text))
