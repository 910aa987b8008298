"""A notice in words: subject, what it says, and its facts, for an e-mail as for a letter."""

from datetime import timedelta

from msgspec import Struct

from kesto.words import notices_en, notices_fi, notices_sv
from kesto.words.forms import measure, number
from kesto.words.messages import check_language
from kesto.words.tongue import Tongue
from kesto.words.views import NoticeView, PriceView

TEXTS = {
    "fi": notices_fi.NOTICES,
    "sv": notices_sv.NOTICES,
    "en": notices_en.NOTICES,
}
ONE_DAY = timedelta(days=1)


class NoticeWords(Struct, frozen=True):
    """What a notice says."""

    title: str
    subject: str
    lead: str
    facts: tuple[tuple[str, str], ...]


def notice_words(view: NoticeView) -> NoticeWords:
    """Return a notice in the words of its language."""
    tongue = Tongue(check_language(view.language), view.currency)
    own = TEXTS[view.language]
    said = {
        "seller": view.seller.name,
        "plan": view.plan,
        "discount": view.discount,
        "day": tongue.day(view.on),
        "last": tongue.day(view.on - ONE_DAY),
        "price": price_words(view.price, view, tongue),
        "before": price_words(view.before, view, tongue),
        "leave_by": tongue.day(view.leave_by) if view.leave_by else "",
        "until": tongue.day(view.until - ONE_DAY) if view.until else "",
        **_reached(view, tongue),
    }
    lead = own[f"{view.told}_lead"].format(**said)
    return NoticeWords(
        title=own["title"],
        subject=own[f"{view.told}_subject"].format(**said),
        lead=f"{lead} {view.reason}".strip(),
        facts=_facts(view, tongue, said),
    )


def _reached(view: NoticeView, tongue: Tongue) -> dict[str, str]:
    """A threshold of usage that was reached, what was used and what it comes to."""
    found = view.reached
    if found is None:
        return {}
    language, own = tongue.language, TEXTS[tongue.language]
    match found.kind:
        case "amount":
            limit = tongue.minor(int(found.threshold))
        case "share":
            limit = own["share_of_included"].format(share=number(found.threshold, language))
        case _:
            limit = measure(found.threshold, found.unit, language)
    used = measure(found.used, found.unit, language)
    comes_to = tongue.minor(found.amount_minor)
    if not view.includes_tax:
        comes_to = own["without_vat"].format(price=comes_to)
    return {"meter": found.meter, "limit": limit, "used": used, "comes_to": comes_to}


def price_words(price: PriceView | None, view: NoticeView, tongue: Tongue) -> str:
    """Return what a period costs, such as 19,90 € a month; nothing without a price."""
    if price is None:
        return ""
    own = TEXTS[tongue.language]
    key = f"{price.unit}_{'one' if price.count == 1 else 'more'}"
    said = own[key].format(price=tongue.minor(price.minor), count=price.count)
    return said if view.includes_tax else own["without_vat"].format(price=said)


def _facts(view: NoticeView, tongue: Tongue, said: dict[str, str]) -> tuple[tuple[str, str], ...]:
    own = TEXTS[tongue.language]
    begins = own["from_day"]
    facts = [(text, f"{begins} {tongue.day(on)}".strip()) for text, on in view.happened]
    if view.before is not None:
        facts.append((own["price_before"].format(**said), said["before"]))
    if view.price is not None:
        facts.append((own["price_then"].format(**said), said["price"]))
    if view.leave_by is not None:
        facts.append((own["leave_by"], said["leave_by"]))
    if view.reached is not None:
        facts += [(own["used"], said["used"]), (own["comes_to"], said["comes_to"])]
    if view.next_on is not None:
        day = tongue.day(view.next_on)
        facts.append((own["next_invoice"].format(day=day), tongue.minor(view.next_minor)))
    return tuple(facts)
