"""The addresses of the portal: links from messages below `p/`, pages below `portal/`."""

from django.urls import path

from kesto.web.portal import (
    alerts,
    change,
    entry,
    home,
    invoices,
    messages,
    receipts,
    subscription,
    usage,
)

app_name = "portal"
urlpatterns = [
    path("p/<str:token>", entry.link, name="link"),
    path("p/<str:token>/new", entry.ask_new_link, name="ask_new_link"),
    path("portal/", home.home, name="home"),
    path(
        "portal/subscriptions/<uuid:subscription_id>/",
        subscription.subscription,
        name="subscription",
    ),
    path(
        "portal/subscriptions/<uuid:subscription_id>/confirm/",
        change.confirm,
        name="confirm_change",
    ),
    path(
        "portal/subscriptions/<uuid:subscription_id>/call-off/",
        change.call_off,
        name="call_off",
    ),
    path(
        "portal/subscriptions/<uuid:subscription_id>/usage/<uuid:price_id>/",
        usage.usage,
        name="usage",
    ),
    path(
        "portal/subscriptions/<uuid:subscription_id>/usage/<uuid:price_id>/csv",
        usage.usage_file,
        name="usage_file",
    ),
    path("portal/subscriptions/<uuid:subscription_id>/alerts/", alerts.alerts, name="alerts"),
    path(
        "portal/subscriptions/<uuid:subscription_id>/alerts/<uuid:alert_id>/drop/",
        alerts.drop,
        name="drop_alert",
    ),
    path(
        "portal/subscriptions/<uuid:subscription_id>/<str:action>/",
        change.change,
        name="change",
    ),
    path("portal/invoices/", invoices.invoices, name="invoices"),
    path("portal/invoices/<str:number>/", invoices.invoice, name="invoice"),
    path("portal/invoices/<str:number>/pdf", invoices.document, name="document"),
    path("portal/invoices/<str:number>/lines/<int:line_no>/", usage.line_usage, name="line_usage"),
    path(
        "portal/invoices/<str:number>/lines/<int:line_no>/csv",
        usage.line_usage_file,
        name="line_usage_file",
    ),
    path("portal/receipts/<uuid:payment_id>/pdf", receipts.receipt, name="receipt"),
    path("portal/messages/", messages.messages, name="messages"),
    path("portal/messages/<uuid:message_id>/", messages.message, name="message"),
    path("portal/sign-out/", entry.sign_out, name="sign_out"),
]
