"""What messages about invoices say, in Swedish."""

MESSAGES: dict[str, str] = {
    "invoice_subject": "{seller}: faktura {number}, {amount}, förfallodag {day}",
    "invoice_settled_subject": "{seller}: faktura {number}, inget att betala",
    "credit_note_subject": "{seller}: kreditfaktura {number}, {amount}",
    "receipt_subject": "{seller}: kvitto på din betalning, {amount}",
    "link_subject": "{seller}: länk till dina egna sidor",
    "greeting": "Hej!",
    "invoice_lead": "Här är din faktura. Betala {amount} senast {day}.",
    "invoice_settled_lead": "Här är din faktura. Du behöver inte betala något.",
    "credit_note_lead": "Vi har krediterat din faktura {number}. Krediteringen är på {amount}.",
    "receipt_lead": "Tack för din betalning. Vi fick {amount}. Betalningsdagen var {day}.",
    "link_lead": "Här är länken till dina egna sidor. Den fungerar en gång.",
    "attached_invoice": "Fakturan är bifogad som PDF.",
    "attached_credit_note": "Kreditfakturan är bifogad som PDF.",
    "attached_receipt": "Kvittot är bifogat som PDF.",
    "open_invoice": "Se fakturan och vad beloppet består av",
    "open_credit_note": "Se kreditfakturan",
    "open_receipt": "Se dina fakturor",
    "open_pages": "Öppna dina egna sidor",
    "link_is_yours": "Länken öppnar dina egna sidor. Skicka den inte vidare.",
    "ask": "Om något är oklart kan du svara på det här meddelandet.",
}
