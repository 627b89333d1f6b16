"""Settings > Users and teams: who is in, in which role and team, and who takes over from whom."""

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from flask_security import current_user

from leadhub.accounts import handover, services, sessions, two_factor, words
from leadhub.accounts.access import may_open, needs, not_there
from leadhub.accounts.forms import AwayForm, HandOverForm, InvitationForm, PersonForm, ReachForm, TeamForm
from leadhub.accounts.models import User
from leadhub.accounts.notices import send_link, tell_handed_over
from leadhub.accounts.queries import all_users, reaches, team_by_id, teams, user_by_id
from leadhub.accounts.roles import ADMINISTER
from leadhub.database import ID_MAX
from leadhub.errors import RuleBroken
from leadhub.extensions import db
from leadhub.forms import Form
from leadhub.web import respond

bp = Blueprint("people", __name__, url_prefix="/settings/users")
words.register(bp)
bp.add_app_template_global(may_open)
PERSON = f"/<int(max={ID_MAX}):id>"


@bp.get("/")
@needs(ADMINISTER)
def index():
    return index_page()


@bp.post("/")
@needs(ADMINISTER)
def invite():
    form = InvitationForm()
    if form.validate_on_submit():
        try:
            team = _team(form)
            user = services.invite_user(form.email.data, role=form.role.data, name=form.name.data, team=team)
        except (services.EmailTaken, services.NotAnAddress) as error:
            form.email.errors = [str(error)]
        else:
            return _linked(user)
    return index_page(422, invitation=form)


@bp.post("/reach")
@needs(ADMINISTER)
def update_reach():
    form = ReachForm()
    if not form.validate_on_submit():
        return index_page(422, reach=form)
    services.set_reach({role: form[role].data for role in ("manager", "agent", "viewer")}, by=current_user)
    return _done(_("Saved."), drawer="reach")


@bp.get(PERSON)
@needs(ADMINISTER)
def edit(id: int):
    return _person(_user(id))


@bp.post(PERSON)
@needs(ADMINISTER)
def update(id: int):
    user, form = _user(id), PersonForm()
    if form.validate_on_submit():
        try:
            services.change_user(user, name=form.name.data, role=form.role.data, team=_team(form), by=current_user)
        except services.LastAdmin as error:
            form.role.errors = [str(error)]
        else:
            return _done(_("Saved."), user)
    return _person(user, 422, form=form)


@bp.post(f"{PERSON}/link")
@needs(ADMINISTER)
def new_link(id: int):
    user = _another(id)
    if not user.active:
        raise RuleBroken(_("Activate %(name)s first.", name=user.label))
    return _linked(user)


@bp.post(f"{PERSON}/away")
@needs(ADMINISTER)
def update_away(id: int):
    user = _user(id)
    form = AwayForm(giver=user)
    if not form.validate_on_submit():
        return _person(user, 422, away=form)
    user.away = form.away.data
    if user.away and form.taker.data != "keep":
        _hand_over(user, form.taker.data)
    return _done(_("Saved."), user)


@bp.post(f"{PERSON}/deactivate")
@needs(ADMINISTER)
def deactivate(id: int):
    user = _another(id)
    form = HandOverForm(giver=user)
    if not form.validate_on_submit():
        return _person(user, 422, leaving=form)
    services.deactivate(user, by=current_user)
    _hand_over(user, form.taker.data)
    return _done(_("%(name)s can’t sign in any more.", name=user.label), user)


@bp.post(f"{PERSON}/activate")
@needs(ADMINISTER)
def activate(id: int):
    user = _user(id)
    services.activate(user, by=current_user)
    return _done(_("%(name)s can sign in again.", name=user.label), user)


@bp.post(f"{PERSON}/sessions/end")
@needs(ADMINISTER)
def end_sessions(id: int):
    user = _user(id)
    services.sign_out_everywhere(user, by=current_user)
    return _done(_("%(name)s is signed out everywhere.", name=user.label), user)


@bp.post(f"{PERSON}/two-factor/off")
@needs(ADMINISTER)
def reset_two_factor(id: int):
    user = _another(id)
    two_factor.switch_off(user, by=current_user)
    return _done(_("%(name)s signs in with the password alone.", name=user.label), user)


def _hand_over(giver: User, taker_id: str) -> None:
    taker = user_by_id(int(taker_id)) if taker_id else None
    counts = handover.hand_over(giver, taker, by=current_user)
    services.note_hand_over(giver, taker, counts, by=current_user)
    if taker:
        tell_handed_over(taker, giver, counts)


def _linked(user: User):
    """A fresh link: on its way by mail, or here on the page where there is no mail server; never to be seen again."""
    link = send_link(user, by=current_user)
    services.note_link(user, by=current_user)
    db.session.commit()
    if link is None:
        return _done(_("A link is on its way to %(email)s.", email=user.email), user)
    page = "accounts/link.html"
    return respond(page, partial=page, status=201, person=user, link=link)


def _user(user_id: int) -> User:
    return user_by_id(user_id) or not_there("user", user_id)


def _another(user_id: int) -> User:
    """Raises ``RuleBroken`` for oneself: what an admin may do to others takes one's own password in the profile."""
    user = _user(user_id)
    if user == current_user:
        raise RuleBroken(_("Not to yourself: another admin can, and the profile holds what is yours."))
    return user


def _team(form: PersonForm):
    return team_by_id(int(form.team.data)) if form.team.data else None


def index_page(status: int = 200, **sent: Form):
    """The page; ``sent``: the form that was sent and has errors, by its name; its drawer stands open."""
    forms = {
        "invitation": InvitationForm(formdata=None, data={"role": "agent"}),
        "reach": ReachForm(formdata=None, data=reaches()),
        "team": TeamForm(formdata=None),
    }
    page, people = "accounts/people.html", all_users()
    is_open = next(iter(sent), "invitation" if len(people) == 1 else "")
    return respond(
        page, partial=page, status=status, people=people, teams=teams(), is_open=is_open, **{**forms, **sent}
    )


def _person(user: User, status: int = 200, **sent: Form):
    said = {"name": user.name, "role": user.role, "team": str(user.team_id or "")}
    forms = {
        "form": PersonForm(formdata=None, data=said),
        "away": AwayForm(formdata=None, giver=user, away=user.away),
        "leaving": HandOverForm(formdata=None, giver=user),
    }
    return respond(
        "accounts/person.html",
        partial="accounts/person.html",
        status=status,
        person=user,
        holds=handover.held_by(user),
        sessions=sessions.sessions_of(user),
        has_second_factor=two_factor.is_on(user),
        **{**forms, **sent},
    )


def _done(message: str, user: User | None = None, *, drawer: str | None = None):
    db.session.commit()
    flash(message, "success")
    page = url_for("people.edit", id=user.id) if user else url_for("people.index", _anchor=drawer)
    return redirect(page, 303)
