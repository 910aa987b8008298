"""Which address leads where."""

from django.urls import include, path

from kesto.ops import health
from kesto.web.ui.rooms import Room

urlpatterns = [
    path("readyz", health.readyz),
    path("startupz", health.startupz),
    Room("v1/", "kesto.api.urls", "api"),
    path("", include("kesto.web.urls")),
]
