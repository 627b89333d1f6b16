"""What tests of backups do again and again."""

import hashlib
import json
import zipfile

import sqlalchemy as sa

from leadhub.backup import schema
from leadhub.backup.file import LEFT_OUT
from leadhub.backup.restore import restore
from leadhub.backup.write import back_up
from leadhub.extensions import db


def contents(app):
    """Table -> rows with Python's values, but for what no backup holds."""
    with app.app_context(), db.engine.connect() as connection:
        tables = schema.reflect(connection, schema.names_at("head") - {*LEFT_OUT})
        return {t.name: sorted((tuple(row) for row in connection.execute(sa.select(t))), key=repr) for t in tables}


def backed_up(app, path, **options):
    with app.app_context():
        return back_up(path, app.extensions["leadhub"]["settings"].data_dir, **options)


def restored(app, path):
    with app.app_context():
        return restore(path, app.extensions["leadhub"]["settings"].data_dir)


def tables_of(app):
    with app.app_context(), db.engine.connect() as connection:
        return sa.inspect(connection).get_table_names()


def count(app, table):
    with app.app_context(), db.engine.connect() as connection:
        return connection.scalar(sa.text(f"SELECT count(*) FROM {table}"))  # noqa: S608


def files_in(data_dir):
    """Path -> bytes of what is kept for imports and leads."""
    kept = [path for name in ("files", "imports") for path in (data_dir / name).rglob("*") if path.is_file()]
    return {str(path.relative_to(data_dir)): path.read_bytes() for path in kept}


def first_file(path):
    """The name of a file of a lead in the backup."""
    with zipfile.ZipFile(path) as archive:
        return next(iter(json.loads(archive.read("manifest.json"))["files"]))


def rewritten(path, changes):
    """The backup with other contents of some files inside; a None takes one out."""
    changed = path.with_name("changed.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for name in {**dict.fromkeys(old.namelist()), **changes}:
            content = changes.get(name, old.read(name) if name in old.namelist() else None)
            if content is not None:
                new.writestr(name, content)
    return changed


def changed_manifest(path, **changes):
    with zipfile.ZipFile(path) as archive:
        told = json.loads(archive.read("manifest.json"))
    return json.dumps(told | changes)


def first_row_changed(path, table, **changes):
    """The backup with other values in the first row of a table, and a manifest that fits."""
    with zipfile.ZipFile(path) as archive:
        first, *others = archive.read(f"tables/{table}.jsonl").splitlines(keepends=True)
    return resigned(path, table, json.dumps(json.loads(first) | changes).encode() + b"\n" + b"".join(others))


def resigned(path, name, content):
    """A file inside replaced, and the manifest made to fit."""
    with zipfile.ZipFile(path) as archive:
        told = json.loads(archive.read("manifest.json"))
    part = told["tables"][name]
    part.update(bytes=len(content), sha256=hashlib.sha256(content).hexdigest(), rows=content.count(b"\n"))
    return rewritten(path, {f"tables/{name}.jsonl": content, "manifest.json": json.dumps(told)})
