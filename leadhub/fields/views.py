"""Settings > Fields: which fields a lead has, where they are shown, and which must be filled."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_security import current_user

from leadhub.accounts.access import needs, not_there
from leadhub.accounts.roles import ADMINISTER
from leadhub.database import ID_MAX
from leadhub.extensions import db
from leadhub.fields import queries, services
from leadhub.fields.catalogue import GROUPS, Field
from leadhub.fields.forms import TYPES, DecisionForm, DeletionForm, FieldForm, NewFieldForm, names_first
from leadhub.web import respond

bp = Blueprint("fields", __name__, url_prefix="/settings/fields")
bp.add_app_template_global(names_first)
FIELD = f"/<int(max={ID_MAX}):id>"


@bp.get("/")
@needs(ADMINISTER)
def index():
    return _page()


@bp.post("/")
@needs(ADMINISTER)
def decide():
    fields = queries.catalogue()
    forms = {name: DecisionForm.of(field, sent=True) for name, field in fields.items()}
    decisions = {name: form.to_decision(fields[name]) for name, form in forms.items()}
    changed = {name: decision for name, decision in decisions.items() if decision}
    refused = [name for name in changed if not forms[name].validate()]
    if refused:
        return _page(422, rows=forms)
    services.decide(changed, by=current_user)
    return _done(url_for("fields.index"))


@bp.post("/add")
@needs(ADMINISTER)
def create():
    form = NewFieldForm()
    if form.validate_on_submit():
        try:
            field = services.add_field(form.to_draft(), by=current_user)
        except services.DefinitionRefused as error:
            form[error.field].errors = [str(error)]
        else:
            return _done(url_for("fields.edit", name=field.name, _anchor=f"field-{field.name}"))
    return _page(422, adding=form)


@bp.get("/<name>")
@needs(ADMINISTER)
def edit(name: str):
    field = _field(name)
    return _page(opened=field, form=FieldForm.of(field))


@bp.post("/<name>")
@needs(ADMINISTER)
def update(name: str):
    field = _field(name)
    form = FieldForm.of(field, sent=True)
    if form.validate_on_submit():
        try:
            if field.is_custom:
                services.rename_field(field, form.names(), by=current_user)
            services.decide({name: form.to_decision(field)}, by=current_user)
        except services.DefinitionRefused as error:
            form[error.field].errors = [str(error)]
        else:
            return _done(url_for("fields.index", _anchor=f"field-{name}"))
    return _page(422, opened=field, form=form)


@bp.post("/<name>/reset")
@needs(ADMINISTER)
def reset(name: str):
    if _field(name).is_custom:
        abort(404)
    services.reset(name, by=current_user)
    return _done(url_for("fields.index", _anchor=f"field-{name}"))


@bp.post(f"{FIELD}/move")
@needs(ADMINISTER)
def move(id: int):
    field = _custom(id)
    services.move_by_one(field, up=request.form.get("to") == "up")
    db.session.commit()
    return redirect(url_for("fields.edit", name=field.name, _anchor=f"field-{field.name}"), 303)


@bp.get(f"{FIELD}/delete")
@needs(ADMINISTER)
def ask(id: int):
    field = _custom(id)
    return _question(field, DeletionForm(field))


@bp.post(f"{FIELD}/delete")
@needs(ADMINISTER)
def delete(id: int):
    field = _custom(id)
    form = DeletionForm(field)
    try:
        services.delete_field(field, typed=form.name.data or "", by=current_user)
    except services.DefinitionRefused as error:
        form.name.errors = [str(error)]
        return _question(field, form, 422)
    db.session.commit()
    flash(_("Deleted."), "success")
    return redirect(url_for("fields.index"), 303)


def _page(status: int = 200, *, rows: Any = None, opened: Field | None = None, form: Any = None, adding: Any = None):
    """The table; ``opened``: the field whose drawer is open, with its form."""
    mine = queries.custom_fields()
    fields = [field for field in queries.catalogue().values() if not field.is_custom]
    return respond(
        "fields/index.html",
        partial="fields/_field.html" if opened else "fields/index.html",
        status=status,
        groups=[(name, [field for field in fields if field.group == key]) for key, name in GROUPS.items()],
        mine=mine,
        ends=[mine[0].name, mine[-1].name] if mine else [],
        rows=rows or {field.name: DecisionForm.of(field) for field in (*fields, *mine)},
        types=TYPES,
        field=opened,
        opened=opened,
        form=form,
        adding=adding or NewFieldForm(formdata=None),
        is_adding=bool(adding),
        slug_of=queries.slug_of,
    )


def _question(field: Field, form: DeletionForm, status: int = 200):
    page = "fields/delete.html"
    return respond(page, partial=page, status=status, field=field, form=form, uses=queries.uses_of_field(field))


def _done(path: str):
    db.session.commit()
    flash(_("Saved."), "success")
    return redirect(path, 303)


def _field(name: str) -> Field:
    return queries.catalogue().get(name) or abort(404)


def _custom(row_id: int) -> Field:
    return queries.custom_field(row_id) or not_there("field", row_id)
