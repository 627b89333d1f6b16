"""Files that hang on leads, for tests of whatever shows, keeps or loses them."""

import io
from pathlib import Path

from flask import current_app

from leadhub.extensions import db
from leadhub.leads import files
from leadhub.leads.models import LeadEvent, LeadFile


def make_file(lead_id, name="a.txt", content=b"Secret"):
    """The id of a file of this lead, which is on the disk and flushed."""
    event = LeadEvent(lead_id=lead_id, kind="file", channel="form")
    db.session.add(event)
    files.attach(event, files.store_files([(name, io.BytesIO(content))], folder()))
    db.session.flush()
    return db.session.query(LeadFile.id).filter_by(event_id=event.id).scalar()


def folder():
    """Where the files of the current app are."""
    return files.files_folder(Path(current_app.extensions["leadhub"]["settings"].data_dir))


def on_disk(app):
    """The names of all that is kept."""
    with app.app_context():
        return sorted(path.name for path in folder().rglob("*") if path.is_file())
