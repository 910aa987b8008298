"""The demo bank's files: credit notifications (camt.054.001.02) as a bank writes them."""

from collections.abc import Sequence
from datetime import date
from html import escape

from msgspec import Struct

from kesto.core.money import format_minor

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.02">
<BkToCstmrDbtCdtNtfctn>
<GrpHdr><MsgId>{message_id}</MsgId><CreDtTm>{booked_on}T22:30:00+02:00</CreDtTm></GrpHdr>
<Ntfctn><Id>{message_id}</Id><CreDtTm>{booked_on}T22:30:00+02:00</CreDtTm>
<Acct><Id><IBAN>{account}</IBAN></Id><Ccy>{currency}</Ccy></Acct>
<TxsSummry><TtlCdtNtries><NbOfNtries>{count}</NbOfNtries><Sum>{total}</Sum></TtlCdtNtries>\
</TxsSummry>
"""
_ENTRY = """<Ntry><NtryRef>{place}</NtryRef><Amt Ccy="{currency}">{amount}</Amt>\
<CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><Dt>{booked_on}</Dt></BookgDt><ValDt><Dt>{booked_on}</Dt></ValDt>
<AcctSvcrRef>{archive_id}</AcctSvcrRef>
<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
<NtryDtls><TxDtls><Refs><AcctSvcrRef>{archive_id}</AcctSvcrRef>\
<EndToEndId>NOTPROVIDED</EndToEndId></Refs>
<AmtDtls><TxAmt><Amt Ccy="{currency}">{amount}</Amt></TxAmt></AmtDtls>
<RltdPties><Dbtr><Nm>{payer_name}</Nm></Dbtr>\
<DbtrAcct><Id><IBAN>{payer_iban}</IBAN></Id></DbtrAcct></RltdPties>
{remittance}</TxDtls></NtryDtls></Ntry>
"""
_STRUCTURED = (
    "<RmtInf><Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp>"
    "<Ref>{reference}</Ref></CdtrRefInf></Strd></RmtInf>"
)
_TAIL = "</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>\n"


class Credit(Struct, frozen=True, gc=False):
    """A payment as the bank books it; it carries a reference, a text or neither."""

    archive_id: str
    booked_on: date
    amount_minor: int
    payer_name: str
    payer_iban: str
    reference: str = ""
    text: str = ""


def notification(account: str, currency: str, booked_on: date, booked: Sequence[Credit]) -> bytes:
    """Return the file about one day's credits on an account."""
    head = _HEAD.format(
        message_id=f"{booked_on:%Y%m%d}{account[-14:]}",
        booked_on=booked_on,
        account=account,
        currency=currency,
        count=len(booked),
        total=format_minor(sum(credit.amount_minor for credit in booked), currency),
    )
    entries = (_entry(credit, currency, place) for place, credit in enumerate(booked, start=1))
    return (head + "".join(entries) + _TAIL).encode()


def _entry(credit: Credit, currency: str, place: int) -> str:
    return _ENTRY.format(
        place=place,
        currency=currency,
        amount=format_minor(credit.amount_minor, currency),
        booked_on=credit.booked_on,
        archive_id=credit.archive_id,
        payer_name=escape(credit.payer_name, quote=False),
        payer_iban=credit.payer_iban,
        remittance=_remittance(credit),
    )


def _remittance(credit: Credit) -> str:
    if credit.reference:
        return _STRUCTURED.format(reference=credit.reference)
    text = escape(credit.text, quote=False)
    return f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf>" if text else ""
