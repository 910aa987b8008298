"""Which address leads to which page."""

from django.urls import include, path
from django.views.generic import RedirectView

from kesto.web.ui import views

urlpatterns = [
    path("", RedirectView.as_view(url="/office/")),
    path("assets/<str:name>", views.asset, name="asset"),
    path("switch/", views.switch, name="switch"),
    path("office/", include("kesto.web.office.urls")),
    path("", include("kesto.web.portal.urls")),
]
