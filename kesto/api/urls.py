"""The addresses of the API, below `v1/`."""

from kesto.api.v1 import api

urlpatterns = api.urls[0]
