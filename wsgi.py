"""For any WSGI server: ``wsgi:app``."""

from leadhub.app import create_app

app = create_app()
