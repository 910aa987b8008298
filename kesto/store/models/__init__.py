"""Tables as Django models, one file a noun; they never leave the store."""

from kesto.store.models.add_on import AddOn
from kesto.store.models.api_key import ApiKey, Entry
from kesto.store.models.archived_document import ArchivedDocument
from kesto.store.models.audit import Audit, AuditHead
from kesto.store.models.bank import BankFile, BankTransaction
from kesto.store.models.billing_entity import BillingEntity
from kesto.store.models.billing_group import BillingGroup
from kesto.store.models.billing_run import BillingChunk, BillingRun
from kesto.store.models.claim import Claim
from kesto.store.models.contract_term import ContractTerm
from kesto.store.models.coupon import Coupon, CouponCode
from kesto.store.models.customer import Customer
from kesto.store.models.delivery import DeliveryAddress, DeliveryEvent
from kesto.store.models.demo import DemoTruth
from kesto.store.models.door import DeadLetter, PlacingChange
from kesto.store.models.explanation import Explanation
from kesto.store.models.idempotency import Idempotency
from kesto.store.models.invoice import Invoice, InvoiceLine, InvoiceTax
from kesto.store.models.issued import Issued, NumberSeries
from kesto.store.models.job import Job
from kesto.store.models.journal import JournalEntry, Posting
from kesto.store.models.journey_event import JourneyEvent
from kesto.store.models.merchant import Merchant
from kesto.store.models.message import ChannelPreference, DeliverySetting, LetterBatch, Message
from kesto.store.models.meter import Feature, Meter
from kesto.store.models.notice import Notice
from kesto.store.models.outbox import Outbox
from kesto.store.models.payment import Allocation, Payment, Settlement
from kesto.store.models.payment_method import PaymentMethod
from kesto.store.models.payout import Payout
from kesto.store.models.person import Person
from kesto.store.models.plan import Plan, PlanVersion
from kesto.store.models.portal_link import PortalLink
from kesto.store.models.portal_offer import PortalOffer
from kesto.store.models.price import Price
from kesto.store.models.price_series import PriceSeries, PriceValue
from kesto.store.models.product import Product
from kesto.store.models.quote import Quote
from kesto.store.models.run_approval import RunApproval
from kesto.store.models.snapshot import Snapshot
from kesto.store.models.staff import SignInAttempt, Staff, StaffSecret
from kesto.store.models.subscription import (
    Discount,
    Subscription,
    SubscriptionEvent,
    SubscriptionItem,
)
from kesto.store.models.usage import (
    EventKey,
    UsageEvent,
    UsageLate,
    UsageMove,
    UsageRollup,
    UsageSpool,
)
from kesto.store.models.usage_alert import UsageAlert
from kesto.store.models.usage_import import UsageImport
from kesto.store.models.wallet import CreditGrant, CreditTaken, Wallet, WalletUse
from kesto.store.models.web_session import WebSession
from kesto.store.models.write_off import Recovery, WriteOff

__all__ = [
    "AddOn",
    "Allocation",
    "ApiKey",
    "ArchivedDocument",
    "Audit",
    "AuditHead",
    "BankFile",
    "BankTransaction",
    "BillingChunk",
    "BillingEntity",
    "BillingGroup",
    "BillingRun",
    "ChannelPreference",
    "Claim",
    "ContractTerm",
    "Coupon",
    "CouponCode",
    "CreditGrant",
    "CreditTaken",
    "Customer",
    "DeadLetter",
    "DeliveryAddress",
    "DeliveryEvent",
    "DeliverySetting",
    "DemoTruth",
    "Discount",
    "Entry",
    "EventKey",
    "Explanation",
    "Feature",
    "Idempotency",
    "Invoice",
    "InvoiceLine",
    "InvoiceTax",
    "Issued",
    "Job",
    "JournalEntry",
    "JourneyEvent",
    "LetterBatch",
    "Merchant",
    "Message",
    "Meter",
    "Notice",
    "NumberSeries",
    "Outbox",
    "Payment",
    "PaymentMethod",
    "Payout",
    "Person",
    "PlacingChange",
    "Plan",
    "PlanVersion",
    "PortalLink",
    "PortalOffer",
    "Posting",
    "Price",
    "PriceSeries",
    "PriceValue",
    "Product",
    "Quote",
    "Recovery",
    "RunApproval",
    "Settlement",
    "SignInAttempt",
    "Snapshot",
    "Staff",
    "StaffSecret",
    "Subscription",
    "SubscriptionEvent",
    "SubscriptionItem",
    "UsageAlert",
    "UsageEvent",
    "UsageImport",
    "UsageLate",
    "UsageMove",
    "UsageRollup",
    "UsageSpool",
    "Wallet",
    "WalletUse",
    "WebSession",
    "WriteOff",
]
