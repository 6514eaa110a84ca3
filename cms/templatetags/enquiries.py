"""Which component draws a field of a form that an editor built."""

from django import forms, template
from django.forms import BoundField

register = template.Library()


@register.filter
def shape_of(field: BoundField) -> str:
    """``check`` for one box, ``choices`` for several, ``line`` for the rest."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "choices"
    return "line"
