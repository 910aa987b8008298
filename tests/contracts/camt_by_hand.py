"""Account reports written by hand, for the tests of their reader."""

from kesto.adapters.banking.camt import Camt
from kesto.adapters.banking.port import StatementReader
from kesto.core.banking import BankEntry, BankFile

READER: StatementReader = Camt()
ACCOUNT = "<Acct><Id><IBAN>FI2112345600000785</IBAN></Id></Acct>"
TAGS = {"camt.053": ("BkToCstmrStmt", "Stmt"), "camt.054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn")}


def detail(
    amount: str = "", reference: str = "", text: str = "", own: str = "", more: str = ""
) -> str:
    return (
        "<TxDtls><Refs>"
        + (f"<AcctSvcrRef>{own}</AcctSvcrRef>" if own else "")
        + "</Refs>"
        + (f'<AmtDtls><TxAmt><Amt Ccy="EUR">{amount}</Amt></TxAmt></AmtDtls>' if amount else "")
        + (f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf>" if text else "")
        + (
            f"<RmtInf><Strd><CdtrRefInf><Ref>{reference}</Ref></CdtrRefInf></Strd></RmtInf>"
            if reference
            else ""
        )
        + f"{more}</TxDtls>"
    )


def entry(
    amount: str = "10.00",
    *details: str,
    currency: str = "EUR",
    sign: str = "CRDT",
    status: str = "BOOK",
    booked: str = "<Dt>2026-11-13</Dt>",
    ids: str = "",
    more: str = "",
) -> str:
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>{more}'
        f"<Sts>{status}</Sts>"
        + (f"<BookgDt>{booked}</BookgDt>" if booked else "")
        + ids
        + f"<NtryDtls>{''.join(details)}</NtryDtls></Ntry>"
    )


def file(
    *entries: str, kind: str = "camt.054", version: str = "001.02", account: str = ACCOUNT
) -> bytes:
    message, report = TAGS[kind]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{kind}.{version}"><{message}>'
        "<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-11-14T04:00:00+02:00</CreDtTm></GrpHdr>\n"
        f"<{report}><Id>1</Id><CreDtTm>2026-11-14T04:00:00</CreDtTm>{account}\n"
        + "\n".join(entries)
        + f"</{report}></{message}></Document>"
    ).encode()


def read(*entries: str, kind: str = "camt.054") -> BankFile:
    return READER.read(file(*entries, kind=kind))


def one(text: str, kind: str = "camt.054") -> BankEntry:
    (found,) = read(text, kind=kind).entries
    return found


def ref(servicer: str = "", entry_reference: str = "") -> str:
    return (f"<NtryRef>{entry_reference}</NtryRef>" if entry_reference else "") + (
        f"<AcctSvcrRef>{servicer}</AcctSvcrRef>" if servicer else ""
    )
