"""Forms about oneself, and about the people of the hub."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from leadhub.accounts.models import User
from leadhub.accounts.passwords import PASSWORD_MAX, PASSWORD_MIN
from leadhub.accounts.queries import active_users, teams
from leadhub.accounts.roles import ALL, OWN, ROLES, TEAM, WRITE_LEADS
from leadhub.forms import Form, choices
from leadhub.web import LANGUAGES

THEMES = (("system", _l("As the system")), ("light", _l("Light")), ("dark", _l("Dark")))
ROLE_LABELS = {"admin": _l("Admin"), "manager": _l("Manager"), "agent": _l("Agent"), "viewer": _l("Viewer")}
REACH_LABELS = ((ALL, _l("All leads")), (TEAM, _l("Their team’s leads")), (OWN, _l("Their own leads")))
NO_PLACES = ("Etc/", "SystemV/", "US/", "posix/", "right/")


def stripped(text: str | None) -> str:
    return " ".join((text or "").split())


@cache
def zones() -> list[tuple[str, str]]:
    """Time zones that are places, and UTC, as a select field takes them."""
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith(NO_PLACES))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


def new_password(label: Any) -> PasswordField:
    """A field for a password that is chosen now."""
    return PasswordField(
        label,
        [
            InputRequired(),
            Length(PASSWORD_MIN, PASSWORD_MAX, _l("A password has at least %(count)d characters.", count=PASSWORD_MIN)),
        ],
        description=_l("At least 12 characters. A sentence is easy to remember."),
        render_kw={"autocomplete": "new-password", "minlength": PASSWORD_MIN},
    )


def old_password() -> PasswordField:
    """A field for the password that one has."""
    return PasswordField(
        _l("Your password"),
        [InputRequired(), Length(max=PASSWORD_MAX)],
        render_kw={"autocomplete": "current-password"},
    )


class ProfileForm(Form):
    """Name, language, time zone and theme."""

    name = StringField(_l("Your name"), [Length(max=200)], [stripped], render_kw={"autocomplete": "name"})
    language = SelectField(_l("Language"), choices=choices([("", _l("As the hub")), *LANGUAGES.items()]))
    time_zone = SelectField(_l("Time zone"), default="")
    theme = RadioField(_l("Theme"), choices=choices(THEMES))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.time_zone.choices = choices([("", _l("As the hub")), *zones()])


class PasswordForm(Form):
    """Another password instead of the one that one has."""

    old = old_password()
    new = new_password(_l("New password"))


class ProofForm(Form):
    """One's password, before something that a stranger at the desk must not do."""

    old = old_password()


class CodeForm(ProofForm):
    """What the authenticator app shows."""

    code = StringField(
        _l("Code from the app"),
        [InputRequired(), Length(max=12)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class ForgottenForm(Form):
    """Who has forgotten the password."""

    email = StringField(
        _l("E-mail"), [InputRequired(), Length(max=254)], render_kw={"type": "email", "autocomplete": "username"}
    )


class ChooseForm(Form):
    """A password, chosen through a link."""

    new = new_password(_l("Password"))


class JoinForm(ChooseForm):
    """Somebody who was invited says their name too."""

    name = StringField(
        _l("Your name"), [DataRequired(), Length(max=200)], [stripped], render_kw={"autocomplete": "name"}
    )


class PersonForm(Form):
    """What an admin says of a person."""

    name = StringField(_l("Name"), [Length(max=200)], [stripped], render_kw={"autocomplete": "off"})
    role = SelectField(_l("Role"), choices=choices((role, ROLE_LABELS[role]) for role in ROLES))
    team = SelectField(_l("Team"), default="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team.choices = choices([("", _l("No team")), *((str(team.id), team.name) for team in teams())])


class InvitationForm(PersonForm):
    """Somebody new."""

    email = StringField(
        _l("E-mail"), [InputRequired(), Length(max=254)], render_kw={"type": "email", "autocomplete": "off"}
    )


class HandOverForm(Form):
    """Who takes over what somebody holds."""

    taker = SelectField(_l("Who takes over"))
    nobody = ("", _l("Nobody: anyone may take them"))

    def __init__(self, *args: Any, giver: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taker.choices = choices([self.nobody, *_takers(giver)])


class AwayForm(HandOverForm):
    """Is somebody away, and who does the work meanwhile?"""

    away = BooleanField(_l("Away"))
    nobody = ("keep", _l("Nobody: they keep everything"))


class TeamForm(Form):
    """A team's name."""

    name = StringField(_l("Team"), [DataRequired(), Length(max=100)], [stripped])


class ReachForm(Form):
    """How far each role sees."""

    manager = SelectField(ROLE_LABELS["manager"], choices=choices(REACH_LABELS))
    agent = SelectField(ROLE_LABELS["agent"], choices=choices(REACH_LABELS))
    viewer = SelectField(ROLE_LABELS["viewer"], choices=choices(REACH_LABELS))


def _takers(giver: User) -> list[tuple[str, str]]:
    """Everybody who is there and may work on it, but for the one who gives."""
    able = (user for user in active_users() if user != giver and user.may(WRITE_LEADS))
    there = (user for user in able if user.joined_at and not user.away)
    return [(str(user.id), user.label) for user in there]
