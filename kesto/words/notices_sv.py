"""What subscribers are told about their contract, in Swedish."""

NOTICES: dict[str, str] = {
    "title": "Meddelande",
    "subscribed_subject": "{seller}: ditt abonnemang {plan}",
    "subscribed_lead": "Tack för din beställning. Här är vad du beställde och från när det gäller.",
    "changed_subject": "{seller}: en ändring av ditt abonnemang {plan}",
    "changed_lead": "Vi bekräftar en ändring av ditt abonnemang {plan}.",
    "cancelled_subject": "{seller}: ditt abonnemang {plan} slutar {last}",
    "cancelled_lead": (
        "Vi bekräftar din uppsägning. Den sista dagen för ditt abonnemang {plan} är {last}. Till"
        " dess kan du ta tillbaka uppsägningen på dina egna sidor."
    ),
    "trial_ends_subject": "{seller}: din provperiod slutar {last}",
    "trial_ends_lead": (
        "Provperioden för ditt abonnemang {plan} slutar {last}. Från och med {day} "
        "kostar det"
        " {price}. Om du inte vill fortsätta kan du säga upp det på dina egna sidor."
    ),
    "term_ends_subject": "{seller}: ditt abonnemang {plan} slutar {last}",
    "term_ends_lead": (
        "Ditt abonnemang {plan} gäller till och med {last}. Det slutar av sig självt och du behöver"
        " inte göra något."
    ),
    "term_renews_subject": "{seller}: ditt abonnemang {plan} förnyas {day}",
    "term_renews_lead": (
        "Avtalstiden för ditt abonnemang {plan} slutar {last}. En ny avtalstid börjar {day}, löper"
        " till och med {until} och kostar {price}. Om du inte vill ha den, säg upp abonnemanget på"
        " dina egna sidor senast {leave_by}."
    ),
    "discount_ends_subject": "{seller}: din rabatt {discount} slutar {last}",
    "discount_ends_lead": (
        "Din rabatt {discount} slutar {last}. Från och med {day} "
        "kostar ditt abonnemang {plan} {price}."
    ),
    "pause_ends_subject": "{seller}: pausen i ditt abonnemang slutar {last}",
    "pause_ends_lead": (
        "Pausen i ditt abonnemang {plan} slutar {last}. Det fortsätter {day} och kostar {price}."
    ),
    "price_changes_subject": "{seller}: ditt abonnemang {plan} kostar {price} från och med {day}",
    "price_changes_lead": (
        "Priset på ditt abonnemang {plan} ändras. Till och med {last} kostar det {before}, från och"
        " med {day} {price}. Om du inte godkänner ändringen kan du sluta utan kostnad: säg upp"
        " abonnemanget på dina egna sidor senast {leave_by}, så slutar det före det nya priset."
    ),
    "delivery_failed_subject": "{seller}: din leverans {day} kom inte fram",
    "delivery_failed_lead": (
        "Din leverans {day} ({plan}) kunde inte lämnas."
        " På dina egna sidor ser du hur det går vidare."
    ),
    "usage_reached_subject": "{seller}: {meter} har nått {limit}",
    "usage_reached_lead": (
        "Förbrukningen i ditt abonnemang {plan} ({meter}) har nått {limit} under den period som"
        " började {day}. Den var {used} när det här skrevs. Du får meddelandet eftersom gränsen är"
        " satt för ditt abonnemang."
    ),
    "share_of_included": "{share} % av det som ingår",
    "used": "Använt",
    "comes_to": "Pris hittills",
    "from_day": "från och med",
    "price_then": "Pris från och med {day}",
    "price_before": "Pris till och med {last}",
    "leave_by": "Säg upp senast",
    "next_invoice": "Nästa faktura, {day}",
    "subscription": "Abonnemang",
    "written_on": "Daterat",
    "open_subscription": "Se ditt abonnemang",
    "without_vat": "{price} utan moms",
    "day_one": "{price} per dag",
    "day_more": "{price} för {count} dagar",
    "week_one": "{price} per vecka",
    "week_more": "{price} för {count} veckor",
    "month_one": "{price} per månad",
    "month_more": "{price} för {count} månader",
    "year_one": "{price} per år",
    "year_more": "{price} för {count} år",
}
