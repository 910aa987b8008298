"""Which address leads where."""

from django.urls import include, path

from kesto.api.v1 import api
from kesto.ops import health

urlpatterns = [
    path("readyz", health.readyz),
    path("startupz", health.startupz),
    path("v1/", api.urls),
    path("", include("kesto.web.urls")),
]
