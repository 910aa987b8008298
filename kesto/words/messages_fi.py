"""What messages about invoices say, in Finnish."""

MESSAGES: dict[str, str] = {
    "invoice_subject": "{seller}: lasku {number}, {amount}, eräpäivä {day}",
    "invoice_settled_subject": "{seller}: lasku {number}, ei maksettavaa",
    "credit_note_subject": "{seller}: hyvityslasku {number}, {amount}",
    "receipt_subject": "{seller}: kuitti maksusta, {amount}",
    "link_subject": "{seller}: linkki omille sivuillesi",
    "greeting": "Hei,",
    "invoice_lead": "tässä on laskusi. Maksettavaa on {amount}, ja eräpäivä on {day}.",
    "invoice_settled_lead": "tässä on laskusi. Sinun ei tarvitse maksaa mitään.",
    "credit_note_lead": "olemme hyvittäneet laskusi {number}. Hyvitys on {amount}.",
    "receipt_lead": "kiitos maksustasi. Saimme {amount}. Maksupäivä oli {day}.",
    "link_lead": "tässä on linkki omille sivuillesi. Se toimii yhden kerran.",
    "attached_invoice": "Lasku on tämän viestin liitteenä (PDF).",
    "attached_credit_note": "Hyvityslasku on tämän viestin liitteenä (PDF).",
    "attached_receipt": "Kuitti on tämän viestin liitteenä (PDF).",
    "open_invoice": "Katso lasku ja mistä summa muodostuu",
    "open_credit_note": "Katso hyvityslasku",
    "open_receipt": "Katso laskusi",
    "open_pages": "Avaa omat sivusi",
    "link_is_yours": "Linkki avaa omat sivusi. Älä lähetä sitä eteenpäin.",
    "ask": "Jos jokin jäi epäselväksi, vastaa tähän viestiin.",
}
