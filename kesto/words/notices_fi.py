"""What subscribers are told about their contract, in Finnish."""

NOTICES: dict[str, str] = {
    "title": "Tiedote",
    "subscribed_subject": "{seller}: tilauksesi {plan}",
    "subscribed_lead": "kiitos tilauksestasi. Tässä on, mitä tilasit ja mistä alkaen.",
    "changed_subject": "{seller}: muutos tilaukseesi {plan}",
    "changed_lead": "vahvistamme muutoksen tilaukseesi {plan}.",
    "cancelled_subject": "{seller}: tilauksesi {plan} päättyy {last}",
    "cancelled_lead": (
        "vahvistamme irtisanomisesi. Tilauksesi {plan} viimeinen päivä on {last}. Siihen asti voit"
        " perua irtisanomisen omilla sivuillasi."
    ),
    "trial_ends_subject": "{seller}: kokeilusi päättyy {last}",
    "trial_ends_lead": (
        "tilauksesi {plan} kokeilu päättyy {last}. Hinta on {day} alkaen {price}. Jos et halua"
        " jatkaa, irtisano tilaus omilla sivuillasi."
    ),
    "term_ends_subject": "{seller}: tilauksesi {plan} päättyy {last}",
    "term_ends_lead": (
        "tilauksesi {plan} tehtiin määräajaksi, joka päättyy {last}. Se loppuu itsestään, eikä"
        " sinun tarvitse tehdä mitään."
    ),
    "term_renews_subject": "{seller}: tilauksesi {plan} uusiutuu {day}",
    "term_renews_lead": (
        "tilauksesi {plan} määräaika päättyy {last}. Uusi määräaika alkaa {day}, kestää {until}"
        " asti ja maksaa {price}. Jos et halua sitä, irtisano tilaus omilla sivuillasi viimeistään"
        " {leave_by}."
    ),
    "discount_ends_subject": "{seller}: alennuksesi {discount} päättyy {last}",
    "discount_ends_lead": (
        "alennuksesi {discount} päättyy {last}. Tilauksesi {plan} hinta on {day} alkaen {price}."
    ),
    "pause_ends_subject": "{seller}: tilauksesi tauko päättyy {last}",
    "pause_ends_lead": (
        "tilauksesi {plan} tauko päättyy {last}. Tilaus jatkuu {day} ja maksaa {price}."
    ),
    "price_changes_subject": "{seller}: tilauksesi {plan} hinta on {day} alkaen {price}",
    "price_changes_lead": (
        "tilauksesi {plan} hinta muuttuu. Hinta on {last} asti {before} ja {day} alkaen {price}."
        " Jos et hyväksy muutosta, voit lopettaa tilauksen maksutta: irtisano se omilla sivuillasi"
        " viimeistään {leave_by}, niin tilauksesi päättyy ennen uutta hintaa."
    ),
    "delivery_failed_subject": "{seller}: toimituksesi {day} ei päässyt perille",
    "delivery_failed_lead": (
        "toimitustasi {day} ({plan}) ei saatu perille. Omilta sivuiltasi näet, miten asia etenee."
    ),
    "usage_reached_subject": "{seller}: {meter} on saavuttanut rajan {limit}",
    "usage_reached_lead": (
        "tilauksesi {plan} käyttö ({meter}) on saavuttanut rajan {limit} jaksolla, joka alkoi"
        " {day}. Tätä kirjoitettaessa se oli {used}. Saat tämän viestin, koska raja on asetettu"
        " tilauksellesi."
    ),
    "share_of_included": "{share} % sisältyvästä määrästä",
    "used": "Käytetty",
    "comes_to": "Hinta tähän mennessä",
    "from_day": "alkaen",
    "price_then": "Hinta {day} alkaen",
    "price_before": "Hinta {last} asti",
    "leave_by": "Irtisano viimeistään",
    "next_invoice": "Seuraava lasku, {day}",
    "subscription": "Tilaus",
    "written_on": "Päivätty",
    "open_subscription": "Katso tilauksesi",
    "without_vat": "{price} ilman arvonlisäveroa",
    "day_one": "{price} päivässä",
    "day_more": "{price} {count} päivältä",
    "week_one": "{price} viikossa",
    "week_more": "{price} {count} viikolta",
    "month_one": "{price} kuukaudessa",
    "month_more": "{price} {count} kuukaudelta",
    "year_one": "{price} vuodessa",
    "year_more": "{price} {count} vuodelta",
}
