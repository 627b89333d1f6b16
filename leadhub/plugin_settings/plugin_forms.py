"""Forms that plugins gave, made, checked and drawn at arm's length: their fields and validators are the plugins' code.

They are there while the plugin is switched off too: it is set up first.  Each raises ``PluginFailed``.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from flask import render_template
from markupsafe import Markup

from leadhub.plugin_settings.forms import SettingsForm, form_for
from leadhub.plugin_settings.stored import Stored
from leadhub.plugins.host import current_host

SECONDS = 3.0
Made = TypeVar("Made")


def form_over(plugin: str, plain: type[Any] | None, stored: Stored, **options: Any) -> SettingsForm:
    """With what is stored; what was posted goes before it."""
    return made(plugin, lambda: form_for(plain).of(stored, **options))


def made(plugin: str, make: Callable[..., Made], *arguments: Any) -> Made:
    """A form of the plugin's."""
    return current_host().call_off(plugin, make, *arguments)


def is_sent_well(plugin: str, form: Any) -> bool:
    """Was it posted, and is all of it as it should be?"""
    return bool(form.is_submitted() and current_host().call_off(plugin, form.validate, seconds=SECONDS))


def drawn(plugin: str, form: Any) -> Markup:
    """Its fields, one below the other."""
    draw = partial(render_template, "plugin_settings/_fields_of.html", form=form)
    return Markup(current_host().call_off(plugin, draw))  # noqa: S704  # made by a template
