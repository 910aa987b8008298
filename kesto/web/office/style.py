"""The living style page, for developers."""

from django.http import HttpResponse

from kesto.web.office.gate import OfficeRequest, office
from kesto.web.ui.style import style as show_style


@office("style")
def style(request: OfficeRequest) -> HttpResponse:
    """Show everything that pages are made of."""
    return show_style(request)
