"""How the stages of a lead read on its page."""

from flask import Blueprint
from flask_babel import format_timedelta
from flask_security import current_user

from leadhub.database import utcnow
from leadhub.leads.models import Lead
from leadhub.leads.stages.history import Span, bar_of
from leadhub.pipelines.models import Stage
from leadhub.pipelines.queries import may_enter
from leadhub.web import language

MINUTE = 60


def register(bp: Blueprint) -> None:
    """Give every template these words."""
    bp.add_app_template_global(stage_bar)
    bp.add_app_template_global(lambda stage: may_enter(current_user, stage), "may_enter_stage")
    bp.add_app_template_filter(short_stage)
    bp.add_app_template_filter(spent)


def stage_bar(lead: Lead) -> list[Span]:
    return bar_of(lead, utcnow())


def short_stage(stage: Stage) -> str:
    """Where its pipeline is known anyway."""
    return stage.short(language())


def spent(span: Span) -> str:
    """``3 days``; empty below a minute."""
    if span.seconds < MINUTE:
        return ""
    return str(format_timedelta(span.seconds, granularity="minute", threshold=1.5))
