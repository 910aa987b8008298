"""Invented people for the demo: common names put together by position, nobody in particular."""

from typing import NamedTuple

from kesto.core.customers import Person


class Town(NamedTuple):
    """A town with its main postal code, under its name in one language."""

    postal_code: str
    name: str


class Region(NamedTuple):
    """The names that people, streets and towns bear among the speakers of one language."""

    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    streets: tuple[str, ...]
    towns: tuple[Town, ...]


def person(position: int, external_id: str) -> tuple[Person, str]:
    """The person at a position of the table, always the same, with their language."""
    language = _language(position)
    region = REGIONS[language]
    first, last = region.first_names, region.last_names
    round_no = position // len(first)
    town = region.towns[(position * 5 + round_no) % len(region.towns)]
    street = region.streets[(position * 3 + round_no) % len(region.streets)]
    who = Person(
        name=f"{first[position % len(first)]} {last[(position + round_no) % len(last)]}",
        email=f"{external_id.lower()}@example.com",
        street=f"{street} {position % 47 + 1}",
        postal_code=town.postal_code,
        city=town.name,
        country="FI",
    )
    return who, language


def _language(position: int) -> str:
    """Six in a hundred speak Swedish, four English, the others Finnish."""
    slot = position % 50
    if slot in {7, 23, 41}:
        return "sv"
    return "en" if slot in {13, 31} else "fi"


FINNISH = Region(
    first_names=(
        *("Aino", "Eero", "Helmi", "Oskari", "Sofia", "Eetu", "Aada", "Veikko", "Kaisa", "Antti"),
        *("Liisa", "Juhani", "Ritva", "Tapio", "Emma", "Lauri", "Pirjo", "Mikko", "Noora", "Onni"),
        *("Hanna", "Pekka", "Tuula", "Väinö", "Sanna", "Jari", "Riikka", "Timo", "Marja", "Ville"),
        *("Anneli", "Kalle", "Kaarina", "Sami", "Minna", "Heikki", "Elina", "Arto", "Siiri"),
    ),
    last_names=(
        *("Korhonen", "Virtanen", "Mäkinen", "Nieminen", "Mäkelä", "Hämäläinen", "Laine"),
        *("Heikkinen", "Koskinen", "Järvinen", "Lehtonen", "Lehtinen", "Saarinen", "Salminen"),
        *("Heinonen", "Niemi", "Heikkilä", "Kinnunen", "Salonen", "Turunen", "Salo", "Laitinen"),
        *("Tuominen", "Rantanen", "Karjalainen", "Jokinen", "Mattila", "Savolainen", "Lahtinen"),
        *("Ahonen", "Ojala", "Leppänen", "Väisänen", "Hiltunen", "Kallio", "Miettinen", "Pitkänen"),
        *("Manninen", "Anttila", "Huttunen", "Peltonen"),
    ),
    streets=(
        *(
            "Kirkkokatu",
            "Koulukatu",
            "Asemakatu",
            "Rantatie",
            "Koivukuja",
            "Mäntytie",
            "Puistokatu",
        ),
        *("Myllytie", "Niittytie", "Satamakatu", "Torikatu", "Pihlajatie", "Kalliotie", "Metsätie"),
        *("Harjukatu", "Lehtikuja", "Kuusitie"),
    ),
    towns=(
        *(Town("00100", "Helsinki"), Town("02100", "Espoo"), Town("01300", "Vantaa")),
        *(Town("33100", "Tampere"), Town("20100", "Turku"), Town("90100", "Oulu")),
        *(Town("40100", "Jyväskylä"), Town("70100", "Kuopio"), Town("15110", "Lahti")),
        *(Town("28100", "Pori"), Town("53100", "Lappeenranta"), Town("96200", "Rovaniemi")),
        *(Town("80100", "Joensuu"), Town("60100", "Seinäjoki"), Town("13100", "Hämeenlinna")),
    ),
)

SWEDISH = Region(
    first_names=(
        *("Anna", "Erik", "Ebba", "Gustav", "Maria", "Karl", "Linnéa", "Johan", "Sara", "Anders"),
        *("Ulrika", "Mats", "Ida"),
    ),
    last_names=(
        *("Johansson", "Nyman", "Lindholm", "Karlsson", "Andersson", "Lindström", "Nylund"),
        *("Söderholm", "Wikström", "Björklund", "Holm"),
    ),
    streets=("Kyrkogatan", "Skolgatan", "Strandvägen", "Björkstigen", "Parkgatan", "Hamngatan"),
    towns=(
        *(Town("65100", "Vasa"), Town("06100", "Borgå"), Town("68600", "Jakobstad")),
        *(Town("10600", "Ekenäs"), Town("02400", "Kyrkslätt"), Town("00100", "Helsingfors")),
    ),
)

ENGLISH = Region(
    first_names=("Grace", "Daniel", "Priya", "Thomas", "Amina", "Peter", "Julia", "Samuel", "Lina"),
    last_names=("Smith", "Novak", "Sharma", "Okafor", "Brown", "Nguyen", "Rossi", "Hassan"),
    streets=FINNISH.streets,
    towns=FINNISH.towns[:5],
)

REGIONS = {"fi": FINNISH, "sv": SWEDISH, "en": ENGLISH}
