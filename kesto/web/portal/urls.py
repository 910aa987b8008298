"""The addresses of the portal: pages below `portal/`, links out of messages below `p/`."""

from django.urls import URLPattern

app_name = "portal"
urlpatterns: list[URLPattern] = []
