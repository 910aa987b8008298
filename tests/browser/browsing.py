"""Opening pages as a visitor has them: width, colours, language, with and without scripts."""

from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Request

Scheme = Literal["light", "dark"]
WIDTHS = (390, 1280)
HEIGHT = 800


@dataclass(frozen=True)
class Served:
    """The product where it answers, and what the village in it made known."""

    address: str
    facts: dict[str, Any]


@dataclass
class Seen:
    """What went on while a page was open: complaints of the browser, requests elsewhere."""

    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


class Browse:
    """One visitor; every page opened is watched."""

    def __init__(self, browser: Browser, served: Served) -> None:
        self._browser = browser
        self.address = served.address
        self._served = served
        self._contexts: list[BrowserContext] = []
        self.cookies: list[Any] = []
        self.seen = Seen()

    def __call__(
        self,
        path: str,
        *,
        width: int = 1280,
        scheme: Scheme = "light",
        language: str = "en",
        script: bool = True,
    ) -> Page:
        """Open a page; cookies of an earlier one of this visitor come along."""
        page = self.visitor(width=width, scheme=scheme, language=language, script=script)
        page.goto(self.address + path)
        return page

    def visitor(
        self,
        *,
        width: int = 1280,
        scheme: Scheme = "light",
        language: str = "en",
        script: bool = True,
    ) -> Page:
        """An empty page of the visitor."""
        context = self._browser.new_context(
            locale={"fi": "fi-FI", "sv": "sv-FI"}.get(language, "en-GB"),
            timezone_id="Europe/Helsinki",
            color_scheme=scheme,
            viewport={"width": width, "height": HEIGHT},
            reduced_motion="reduce",
            java_script_enabled=script,
        )
        chosen: Any = {"name": "kesto_language", "value": language, "url": self.address}
        context.add_cookies([*self.cookies, chosen])
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: self._complain(said.type, said.text))
        page.on("pageerror", lambda error: self._complain("error", str(error)))
        page.on("request", self._asked)
        return page

    def as_staff(self, role: str) -> "Browse":
        """From now on this visitor is a member of staff who has signed in."""
        key = self._served.facts["visits"][role]
        self.cookies = [{"name": "kesto_office", "value": key, "url": self.address}]
        return self

    def remember(self, page: Page) -> None:
        """Keep the cookies of a page for those opened later."""
        self.cookies = [
            cookie for cookie in page.context.cookies() if cookie.get("name") != "kesto_language"
        ]

    def close(self) -> None:
        """Close all that was opened."""
        for context in self._contexts:
            context.close()

    def _complain(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.seen.errors.append(text)

    def _asked(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme != "data" and asked.netloc != urlsplit(self.address).netloc:
            self.seen.foreign.append(request.url)
