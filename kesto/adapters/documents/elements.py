"""HTML by small functions: every text is escaped, only what is HTML already is left as it is."""

from html import escape


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, *children: str, **attributes: str) -> Html:
    """Return an element; an attribute's name may end in an underscore, as `for_` and `class_`."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
    )
    return Html(f"<{name}{given}>{joined(*children)}</{name}>")


def joined(*children: str) -> Html:
    """Return texts and elements one after the other."""
    return Html("".join(one if isinstance(one, Html) else escape(one) for one in children))
