"""The factory: the only module that knows every part."""

import os
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import Flask, Request, has_request_context, redirect, request, session, url_for
from flask_security import Security, current_user
from werkzeug.wrappers import Response

from leadhub import __version__, assets, cli, database, extensions, logs, security, web
from leadhub.accounts import handover, passwords, sessions, sign_in
from leadhub.accounts import jobs as accounts_jobs
from leadhub.accounts.access import public, to_sign_in
from leadhub.accounts.services import datastore
from leadhub.accounts.views import oidc, password, people, profile, teams
from leadhub.accounts.views.password import FLOOD
from leadhub.dashboard import layout_views as dashboard_layout_views
from leadhub.dashboard import views as dashboard_views
from leadhub.diagnostic import readiness
from leadhub.diagnostic import views as diagnostic_views
from leadhub.errors import SettingError
from leadhub.fields import queries as fields_queries
from leadhub.fields import views as fields_views
from leadhub.hub import queries as hub_queries
from leadhub.imports import jobs as imports_jobs
from leadhub.imports import views as imports_views
from leadhub.intake import jobs as intake_jobs
from leadhub.intake import referrers as intake_referrers
from leadhub.intake.views import doors as intake_doors
from leadhub.intake.views import public as intake_public
from leadhub.jobs import housekeeping, mail, registry
from leadhub.keys import with_keys
from leadhub.leads import (
    activity_views,
    beside,
    bin_jobs,
    care_views,
    field_values,
    file_jobs,
    file_views,
    following,
    key_jobs,
    news_jobs,
    panel_views,
)
from leadhub.leads import handover as leads_handover
from leadhub.leads import referrers as leads_referrers
from leadhub.leads import views as leads_views
from leadhub.leads.board import card_views
from leadhub.leads.board import views as board_views
from leadhub.leads.counters import jobs as counter_jobs
from leadhub.leads.listing import bulk_jobs, bulk_views, saved_referrers, saved_views
from leadhub.leads.listing import export_views as listing_export_views
from leadhub.leads.listing import peek as listing_peek
from leadhub.leads.listing import views as listing_views
from leadhub.leads.origins import views as origins_views
from leadhub.leads.stages import moving_views as pipeline_lead_views
from leadhub.leads.stages import referrers as lead_stage_referrers
from leadhub.leads.stages import views as lead_stage_views
from leadhub.leads.statuses import handover as status_handover
from leadhub.leads.statuses import jobs as status_jobs
from leadhub.leads.statuses import referrers as lead_status_referrers
from leadhub.leads.statuses import views as lead_status_views
from leadhub.lists import handover as lists_handover
from leadhub.lists import kinds as lists_kinds
from leadhub.lists import views as lists_views
from leadhub.palette import views as palette_views
from leadhub.pipelines import offers as pipelines_offers
from leadhub.pipelines import referrers as pipelines_referrers
from leadhub.pipelines.views import deletion as stage_deletions
from leadhub.pipelines.views import pipelines as pipelines_views
from leadhub.pipelines.views import stages as stages_views
from leadhub.plugin_pages import views as plugin_pages_views
from leadhub.plugin_settings import context as plugin_context
from leadhub.plugin_settings import files as plugin_files
from leadhub.plugin_settings import jobs as plugin_jobs
from leadhub.plugin_settings import services as plugin_services
from leadhub.plugin_settings import traces as plugin_traces
from leadhub.plugin_settings import views as plugin_views
from leadhub.plugin_settings.queries import switches
from leadhub.plugins.host import Host
from leadhub.referrers import registry as referrers
from leadhub.sales import contact_views, customer_views, link_views
from leadhub.sales import handover as sales_handover
from leadhub.sales import jobs as sales_jobs
from leadhub.sales import referrers as sales_referrers
from leadhub.sales.company import views as company_views
from leadhub.sales.opportunities import board_views as opportunities_board_views
from leadhub.sales.opportunities import handover as opportunities_handover
from leadhub.sales.opportunities import views as opportunities_views
from leadhub.sales.orders import views as order_views
from leadhub.sales.quotations import answer_views, paper_jobs, paper_views, pdf, sending_views
from leadhub.sales.quotations import outside_views as outside_quotation_views
from leadhub.sales.quotations import views as quotation_views
from leadhub.sales.reading import reader_for
from leadhub.sales.reading_leads import beside_leads
from leadhub.settings import Settings, read_settings
from leadhub.setup import email_views
from leadhub.setup import views as setup_views
from leadhub.statuses import offers as statuses_offers
from leadhub.statuses import referrers as statuses_referrers
from leadhub.statuses.views import bindings, deletion, proposals, shape
from leadhub.upgrade import MIGRATIONS


def create_app(settings: Settings | None = None, *, plugins: Sequence[tuple[str, object]] = (), **config: Any) -> Flask:
    """A hub.  ``plugins`` are (name, plugin) pairs beside the installed ones; ``config`` is Flask's, for tests.

    Raises ``SettingError`` for a wrong setting.
    """
    settings = with_keys(settings or read_settings())
    app = Flask("leadhub", static_folder=None)
    app.config.update(_config(settings) | config)
    app.extensions["leadhub"] = {"settings": settings}
    logs.configure()
    _bind_extensions(app)
    _load_plugins(app, settings, plugins)
    registry.bind(
        app,
        {
            **housekeeping.HANDLERS,
            mail.KIND: mail.HANDLER,
            **accounts_jobs.HANDLERS,
            **bin_jobs.HANDLERS,
            **bulk_jobs.HANDLERS,
            **counter_jobs.HANDLERS,
            **file_jobs.HANDLERS,
            **following.HANDLERS,
            **key_jobs.HANDLERS,
            **news_jobs.HANDLERS,
            **plugin_jobs.HANDLERS,
            **status_jobs.HANDLERS,
            **imports_jobs.HANDLERS,
            **intake_jobs.HANDLERS,
            **paper_jobs.HANDLERS,
            **sales_jobs.HANDLERS,
        },
        [
            *housekeeping.PERIODIC,
            *accounts_jobs.PERIODIC,
            *bin_jobs.PERIODIC,
            *bulk_jobs.PERIODIC,
            *counter_jobs.PERIODIC,
            *file_jobs.PERIODIC,
            *plugin_jobs.PERIODIC,
            *status_jobs.PERIODIC,
            *imports_jobs.PERIODIC,
            *intake_jobs.PERIODIC,
            *paper_jobs.PERIODIC,
            *sales_jobs.PERIODIC,
        ],
    )
    mail.bind_attachments(app, {pdf.QUOTATION: pdf.attachment})
    readiness.init_app(app)
    plugin_context.bind(app, reader_for)
    beside.bind(app, beside_leads())
    plugin_files.init_app(app, app.extensions["leadhub_host"])
    plugin_traces.init_app(app, app.extensions["leadhub_host"])
    held = [
        leads_handover.HOLDING, lists_handover.HOLDING, saved_referrers.HOLDING, status_handover.HOLDING,
        sales_handover.HOLDING, opportunities_handover.HOLDING,
    ]  # fmt: skip
    handover.bind(app, [*held, pipelines_referrers.HOLDING])
    host = app.extensions["leadhub_host"]
    statuses_offers.bind(app, rules=statuses_offers.rules_of(host), actions=statuses_offers.actions_of(host))
    referrers.bind(
        app,
        [
            *leads_referrers.referrers(),
            *sales_referrers.referrers(),
            *lead_status_referrers.referrers(),
            field_values.referrer(),
            *statuses_referrers.referrers(),
            *pipelines_referrers.referrers(),
            *lead_stage_referrers.referrers(),
            *saved_referrers.referrers(),
            *intake_referrers.referrers(),
        ],
    )
    lists_kinds.bind(app, fields_queries.list_of_choices)
    pipelines_offers.bind(app, fields_queries.askable_fields)
    _register_views(app)
    logs.init_app(app)  # inside the files of the static folder, which get no line
    assets.init_app(app)
    security.init_app(app, settings)
    web.init_app(app)
    cli.init_app(app)
    return app


def main() -> None:
    """The ``leadhub`` command.  What it writes is for its own user alone."""
    os.umask(0o077)
    sys.excepthook = logs.excepthook
    cli.Commands(
        create_app=_app_for_command, add_default_commands=False, add_version_option=False, load_dotenv=False
    ).main(prog_name="leadhub")


def _app_for_command() -> Flask:
    try:
        return create_app()
    except SettingError as error:
        sys.exit(f"leadhub: {error}")


def _config(settings: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": database.engine_options(settings.database_url),
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_TRANSLATION_DIRECTORIES": "translations",
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_MIMETYPES": ["text/html"],
        "COMPRESS_BR_LEVEL": 4,
        "RATELIMIT_STORAGE_URI": settings.redis_url or "memory://",
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_HEADERS_ENABLED": False,
        "RATELIMIT_STRATEGY": "moving-window",  # ten tries in any minute, not twenty around its turn
        "SECURITY_CLI_USERS_NAME": False,
        "SECURITY_CLI_ROLES_NAME": False,
        "SECURITY_FLASH_MESSAGES": False,
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_PASSWORD_NORMALIZE_FORM": passwords.NORMAL_FORM,
        "SECURITY_PASSWORD_SALT": "unused",  # asked for by the library; argon2 salts each hash itself
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],  # no second key inside: a new SECRET_KEY locks nobody out
        "SECURITY_POST_LOGIN_VIEW": "home",
        "SECURITY_POST_LOGOUT_VIEW": "home",
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "PLUGIN_STRICT": False,
        "PLUGIN_TRACES": False,
        **sign_in.config_for(settings),
        **security.config_for(settings),
    }


def _bind_extensions(app: Flask) -> None:
    extensions.db.init_app(app)
    with app.app_context():
        database.tune(extensions.db.engine)
    extensions.migrate.init_app(app, extensions.db, directory=MIGRATIONS)
    app.before_request(intake_public.keep_body)
    app.before_request(imports_views.allow_upload)
    app.before_request(file_views.allow_files)
    extensions.csrf.init_app(app)
    extensions.babel.init_app(app, locale_selector=_locale, timezone_selector=_time_zone)
    Security(**sign_in.CLASSES).init_app(app, datastore, **sign_in.FORMS)
    app.login_manager.request_loader(_nobody)  # type: ignore[attr-defined]  # no tokens yet: a session or nothing
    app.extensions["security"].unauthn_handler(lambda *args, **kwargs: to_sign_in())
    app.extensions["security"].want_json(lambda request: False)
    sessions.init_app(app)
    extensions.limiter.init_app(app)
    extensions.compress.init_app(app)
    extensions.htmx.init_app(app)


def _load_plugins(app: Flask, settings: Settings, extra: Sequence[tuple[str, object]]) -> None:
    memory = settings.data_dir / "plugins.json"
    host = Host(strict=app.config["PLUGIN_STRICT"], memory=memory, read_switches=partial(switches, app))
    host.containment.around = extensions.session_aside
    host.load(settings.plugins_dir, settings.safe_mode, extra)
    app.extensions["leadhub_host"] = host
    plugin_services.watch(app, host)


def _register_views(app: Flask) -> None:
    app.before_request(setup_views.send_first_visit)
    for blueprint in (
        setup_views.bp,
        email_views.bp,
        oidc.bp,
        profile.bp,
        password.bp,
        people.bp,
        teams.bp,
        leads_views.bp,
        panel_views.bp,
        lead_stage_views.bp,
        pipeline_lead_views.bp,
        lead_status_views.bp,
        listing_views.bp,
        board_views.bp,
        card_views.bp,
        saved_views.bp,
        listing_export_views.bp,
        listing_peek.bp,
        bulk_views.bp,
        origins_views.bp,
        outside_quotation_views.bp,
        opportunities_views.bp,
        quotation_views.bp,
        order_views.bp,
        company_views.bp,
        paper_views.bp,
        sending_views.bp,
        answer_views.bp,
        opportunities_board_views.bp,
        opportunities_board_views.settings,
        customer_views.bp,
        contact_views.bp,
        contact_views.of_leads,
        link_views.bp,
        care_views.bp,
        file_views.bp,
        activity_views.bp,
        fields_views.bp,
        lists_views.bp,
        shape.bp,
        bindings.bp,
        deletion.bp,
        proposals.bp,
        pipelines_views.bp,
        stages_views.bp,
        stage_deletions.bp,
        plugin_views.bp,
        plugin_pages_views.bp,
        imports_views.bp,
        intake_doors.bp,
        intake_public.bp,
        dashboard_views.bp,
        dashboard_layout_views.bp,
        palette_views.bp,
        diagnostic_views.bp,
    ):
        app.register_blueprint(blueprint)
    app.add_url_rule("/", view_func=home)
    app.add_url_rule("/healthz", view_func=healthz)
    sign_in.init_app(app)
    for name in ("login", *sign_in.SECOND_STEP):
        view = app.view_functions[f"security.{name}"]
        app.view_functions[f"security.{name}"] = extensions.limiter.limit(FLOOD, methods=["POST"])(view)


@public
def home() -> Response:
    """Where a day begins: the list, until there is a page for the day."""
    return redirect(url_for("leads.index"), 303)


@public
def healthz() -> tuple[dict[str, str], int]:
    """Is this process answering?  Says nothing of the database."""
    return {"status": "ok", "version": __version__}, 200


def _nobody(request: Request) -> None:
    """Who a request without session is of."""


def _locale() -> str:
    """The person's language, else the hub's, else what the browser asks for."""
    if not has_request_context():
        return "en"
    told = None if current_user.is_authenticated else request.args.get("language")  # there it may be a filter
    asked = told or session.get("language")
    if current_user.is_authenticated and current_user.language:
        return str(current_user.language)
    if asked in web.LANGUAGES:
        session["language"] = asked
        return str(asked)
    if hub_queries.hub().set_up_at:
        return hub_queries.hub().language
    return request.accept_languages.best_match(list(web.LANGUAGES), "en") or "en"


def _time_zone() -> str:
    """The person's, else the hub's."""
    if has_request_context() and current_user.is_authenticated and current_user.time_zone:
        return str(current_user.time_zone)
    return hub_queries.hub().time_zone


if __name__ == "__main__":
    main()
