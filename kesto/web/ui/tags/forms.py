"""Forms: a label, a hint and an error beside each control, and a summary that leads to them."""

from django import forms, template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from kesto.web.ui import icons

register = template.Library()
EMPTY = SafeString("")
ONE_OF = "is_one_of"
"""A field with this is one of several of which one is needed: it says so itself."""


@register.simple_tag
def field(bound: forms.BoundField, hint: str = "", classes: str = "", unit: str = "") -> SafeString:
    """Show a form's field with label, hint and error: `{% field form.email hint=_("…") %}`."""
    if isinstance(bound.field.widget, forms.HiddenInput):
        return SafeString(bound.as_widget())
    hint = hint or str(bound.help_text or "")
    if isinstance(bound.field.widget, forms.CheckboxInput):
        return _check(bound, hint)
    control = bound.as_widget(attrs=_attributes(bound, hint, classes))
    if unit:
        control = format_html('<span class="with-unit">{}<span>{}</span></span>', control, unit)
    return format_html(
        '<div class="field">{}{}{}{}</div>',
        _label(bound),
        control,
        _hint(bound, hint),
        _errors(bound),
    )


@register.simple_tag
def optional() -> SafeString:
    """What stands behind the label of a field that may be left empty."""
    return format_html('<span class="optional">({})</span>', gettext("optional"))


@register.simple_tag
def form_errors(form: forms.BaseForm, *, takes_focus: bool = True) -> SafeString:
    """What stands in the way of a form, with links to the fields; nothing when all is well."""
    if not form.errors:
        return EMPTY
    of_fields = [(one.id_for_label, one.label, error) for one in form for error in one.errors]
    return format_html(
        '<div class="alert alert-bad" role="alert" tabindex="-1"{}>{}<div><p><strong>{}</strong>'
        '</p>{}<ul class="links">{}</ul></div></div>',
        SafeString(" autofocus" if takes_focus else ""),
        icons.icon("error"),
        gettext("Not saved yet. Please check:"),
        format_html_join("", "<p>{}</p>", ((error,) for error in form.non_field_errors())),
        format_html_join("", '<li><a href="#{}">{}: {}</a></li>', of_fields),
    )


def _label(bound: forms.BoundField) -> SafeString:
    """The label; what may be left empty says so, unless one of several is needed."""
    text = format_html("{}", bound.label)
    if _is_optional(bound):
        text = format_html("{} {}", text, optional())
    return format_html('<label for="{}">{}</label>', bound.id_for_label, text)


def _is_optional(bound: forms.BoundField) -> bool:
    is_chosen = isinstance(bound.field.widget, forms.Select)
    return not (bound.field.required or is_chosen or hasattr(bound.field, ONE_OF))


def _check(bound: forms.BoundField, hint: str) -> SafeString:
    return format_html(
        '<div><label class="check">{}<span>{}{}</span></label>{}</div>',
        bound.as_widget(attrs=_attributes(bound, "", "")),
        bound.label,
        format_html("<small>{}</small>", hint) if hint else EMPTY,
        _errors(bound),
    )


def _attributes(bound: forms.BoundField, hint: str, classes: str) -> dict[str, str | bool]:
    widget = bound.field.widget
    if isinstance(widget, forms.CheckboxInput):
        kind = ""
    else:
        kind = "select" if isinstance(widget, forms.Select) else "input"
    found: dict[str, str | bool] = (
        {"class": " ".join(filter(None, [kind, classes]))} if kind or classes else {}
    )
    described = [
        *([f"{bound.id_for_label}-error"] if bound.errors else []),
        *([f"{bound.id_for_label}-hint"] if hint else []),
    ]
    if described:
        found["aria-describedby"] = " ".join(described)
    if bound.errors:
        found["aria-invalid"] = "true"
    return found


def _hint(bound: forms.BoundField, hint: str) -> SafeString:
    if not hint:
        return EMPTY
    return format_html('<p class="hint" id="{}-hint">{}</p>', bound.id_for_label, hint)


def _errors(bound: forms.BoundField) -> SafeString:
    if not bound.errors:
        return EMPTY
    return format_html(
        '<p class="error" id="{}-error">{}<span>{}</span></p>',
        bound.id_for_label,
        icons.icon("error"),
        " ".join(str(error) for error in bound.errors),
    )
