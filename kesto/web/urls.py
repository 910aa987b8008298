"""Which address leads to which page."""

from django.urls import path
from django.views.generic import RedirectView

from kesto.web.ui import views
from kesto.web.ui.rooms import Room

urlpatterns = [
    path("", RedirectView.as_view(url="/office/")),
    path("assets/<str:name>", views.asset, name="asset"),
    path("switch/", views.switch, name="switch"),
    Room("office/", "kesto.web.office.urls", "office"),
    Room("", "kesto.web.portal.urls", "portal"),
]
