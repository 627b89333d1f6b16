"""Flask extensions, made here and bound to an app in ``app.py``."""

from typing import TYPE_CHECKING

from flask_babel import Babel
from flask_compress import Compress
from flask_limiter import Limiter
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from htmx_flask import Htmx

from leadhub.callers import caller_network
from leadhub.csrf import MaskedCSRFProtect
from leadhub.database import Base

db = SQLAlchemy(model_class=Base, disable_autonaming=True)
if TYPE_CHECKING:
    Model = Base  # what Flask-SQLAlchemy makes of it at run time has no type
else:
    Model = db.Model
migrate = Migrate()
csrf = MaskedCSRFProtect()
babel = Babel()
limiter = Limiter(key_func=caller_network)
compress = Compress()
htmx = Htmx()
