"""Which address leads where."""

from django.urls import include, path

from kesto.ops import health

urlpatterns = [
    path("readyz", health.readyz),
    path("startupz", health.startupz),
    path("", include("kesto.web.urls")),
]
