"""All invariants, in the order of the rooms that they speak of."""

from kesto.verify.audit import A1
from kesto.verify.before_tax import BEFORE_TAX
from kesto.verify.finding import Invariant
from kesto.verify.installation import INSTALLATION
from kesto.verify.invoices import INVOICES
from kesto.verify.ledger import LEDGER
from kesto.verify.payments import PAYMENTS
from kesto.verify.subscriptions import SUBSCRIPTIONS
from kesto.verify.usage import USAGE

OF_MERCHANT: tuple[Invariant, ...] = (
    *(*LEDGER, *INVOICES, *SUBSCRIPTIONS, *USAGE, *PAYMENTS, *BEFORE_TAX),
    A1,
)
INVARIANTS: tuple[Invariant, ...] = (*OF_MERCHANT, *INSTALLATION)
