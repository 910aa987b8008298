"""The addresses of the office, below `office/`."""

from django.urls import path

from kesto.web.ui.style import style

app_name = "office"
urlpatterns = [path("style/", style, name="style")]
