"""Pages of plugins below ``/x/``: who may, what they are asked for and show, what fails; their files."""

import time

import pytest
from babel.messages import mofile, pofile
from jinja2 import TemplateNotFound

from leadhub.plugins.api import GoTo, NumberData, Page, TemplateData, TextData, hookimpl
from leadhub.plugins.finding import module_of

pytestmark = pytest.mark.one_database
PLUGIN = """
from leadhub.plugins.api import Page, TemplateData, hookimpl

def show(asked, context):
    words = context._("Hello %(name)s", name="Acme")
    return [TemplateData(template=asked.arguments.get("template", "card.html"), values={"words": words + "<i>"})]

@hookimpl
def register_pages():
    return [Page(key="index", title={"en": "Acme", "fr": "Acmé"}, show=show)]
"""
FILES = {
    "__init__.py": PLUGIN,
    "templates/card.html": '<p class="own">{{ words }}</p>{% include "plugins/acme/more/part.html" %}',
    "templates/more/part.html": "<p>part {{ csrf_token()|length > 20 }}</p>",
    "templates/base.html": "not the hub's",
    "templates/leads/show.html": "not the hub's",
    "templates/plain.txt": "{{ words }}",
    "static/acme.js": "let a",
    "static/acme.css": "a {}",
    "static/page.html": "<script>",
    "static/.env": "secret",
    "secret.js": "secret",
    "translations/fr/LC_MESSAGES/messages.po": 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
    '\nmsgid "Hello %(name)s"\nmsgstr "Bonjour %(name)s"\n',
}
WRONG = {
    "raises": lambda asked, context: 1 / 0,
    "exits": lambda asked, context: exit(3),
    "text": lambda asked, context: "<b>words</b>",
    "nothing": lambda asked, context: None,
    "things": lambda asked, context: [1],
    "endless": lambda asked, context: (TextData(text="a") for _ in iter(int, 1)),
    "astray": lambda asked, context: GoTo(path="../../settings"),
    "foreign": lambda asked, context: [TemplateData(template="../../../../etc/passwd")],
    "hangs": lambda asked, context: time.sleep(8),
}


def keep(asked, context):
    if asked.is_posted:
        context.store.set("word", asked.form["word"])
        return GoTo(arguments={"plugin": "x", "q": "a b&c"}, told=f"Kept: {asked.form['word']}")
    return [TextData(text=f"{context.store.get('word', 'none')}, {sorted(asked.arguments.items())}, {asked.person}")]


class Pages:
    """Offers what it was given."""

    def __init__(self, role="viewer", in_menu=True, **shows):
        self.shows, self.options = shows, {"role": role, "in_menu": in_menu}

    @hookimpl
    def register_pages(self):
        return [Page(key=key, title={"en": f"The {key}"}, show=it, **self.options) for key, it in self.shows.items()]


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / "acme" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "acme"


@pytest.fixture
def app(make_app, folder):
    po = folder / "translations/fr/LC_MESSAGES/messages.po"
    with po.open("rb") as read, po.with_suffix(".mo").open("wb") as write:
        mofile.write_mo(write, pofile.read_po(read))
    (folder / "static/link.js").symlink_to(folder / "secret.js")
    plugins = [
        ("acme", module_of(folder)),
        ("notes", Pages(index=keep, number=lambda *_: [NumberData(value=7, label="seven"), TextData(text="*word*")])),
        ("wrong", Pages(in_menu=False, **WRONG)),
        ("chief", Pages(role="manager", index=lambda asked, context: [TextData(text=f"{asked}")])),
    ]
    return make_app(plugins)


def test_a_page_is_drawn_from_top_to_bottom(client):
    page = client.get("/x/notes/number")
    piece = client.get("/x/notes/number", headers={"HX-Request": "true", "HX-Request-Type": "partial"})

    assert page.text.index("seven") < page.text.index("<em>word</em>")
    assert "<h1" in page.text
    assert "<html" not in piece.text


def test_what_is_posted_is_told_and_kept_and_leads_to_a_page_of_its_own(client):
    sent = client.post("/x/notes/", data={"word": "<b>new</b>", "csrf_token": "no word of the form"})
    page = client.get(sent.location).text

    assert (sent.status_code, sent.location) == (303, "/x/notes/?plugin=x&q=a+b%26c")
    assert "Kept: &lt;b&gt;new&lt;/b&gt;" in page
    assert "('q', 'a b&amp;c')" in page
    assert "ada@example.org" in page
    assert "<b>new" not in page


def test_a_post_needs_its_token(make_app, client_of):
    app = make_app([("notes", Pages(index=keep))], WTF_CSRF_ENABLED=True)
    client = app.test_client()
    with client_of("ada").session_transaction() as signed_in, client.session_transaction() as own:
        own.update(signed_in)

    assert client.post("/x/notes/", data={"word": "new"}).status_code == 400
    assert "none" in client.get("/x/notes/").text


@pytest.mark.parametrize("key", WRONG)
def test_one_that_fails_is_told_in_the_frame_of_the_hub(client, client_of, key):
    page = client.get(f"/x/wrong/{key}")
    other = client_of("bob").get(f"/x/wrong/{key}").text

    assert page.status_code == 502
    assert 'id="rail"' in page.text
    assert "The plugin “wrong” failed." in page.text
    assert "could not be shown" in other
    assert "The plugin “wrong” failed." not in other
    assert client.get("/x/notes/").status_code == 200


def test_the_role_is_asked_for_before_anything_else(client_of):
    answers = {name: client_of(name).get("/x/chief/").status_code for name in ("ada", "mia", "bob", "vic")}

    assert answers == {"ada": 200, "mia": 200, "bob": 403, "vic": 403}
    assert client_of("vic").post("/x/chief/", data={}).status_code == 403
    assert client_of().get("/x/chief/").status_code == 303


def test_the_rail_and_the_palette_lead_where_somebody_may_go(client_of):
    rail = {name: client_of(name).get("/leads/").text.partition("</nav>")[0] for name in ("mia", "vic")}

    assert 'href="/x/chief/"' in rail["mia"]
    assert 'href="/x/chief/"' not in rail["vic"]
    assert 'href="/x/notes/number"' in rail["vic"]
    assert "/x/wrong/" not in rail["mia"]
    assert 'href="/x/notes/number"' in client_of("vic").get("/palette?q=numb").text
    assert 'href="/x/chief/"' not in client_of("vic").get("/palette").text


def test_what_is_not_there_or_off_is_404(client):
    client.post("/settings/plugins/notes/switch", data={})

    for path in ("notes/", "nobody/", "chief/index", "chief/unknown", "same_company/"):
        assert client.get(f"/x/{path}").status_code == 404, path


def test_a_template_of_its_own_is_escaped_and_speaks_the_language_of_the_page(client, app):
    page = client.get("/x/acme/").text
    client.post("/profile/", data={"name": "Ada", "language": "fr", "time_zone": "", "theme": "system"})
    french = client.get("/x/acme/").text

    assert '<p class="own">Hello Acme&lt;i&gt;</p><p>part True</p>' in page
    assert "Bonjour Acme&lt;i&gt;" in french
    assert "Acmé" in french


def test_no_template_takes_the_place_of_one_of_the_hub(client, make_lead):
    lead_id = make_lead()

    assert "not the hub" not in client.get(f"/leads/{lead_id}").text
    assert "not the hub" in client.get("/x/acme/?template=leads/show.html").text


@pytest.mark.parametrize(
    "name",
    ["acme/../secret.js", "acme/plain.txt", "acme/none.html", "acme//card.html", "notes/card.html", "../acme", ""],
)
def test_no_template_lies_elsewhere(app, name):
    with pytest.raises(TemplateNotFound):
        app.jinja_env.get_template(f"plugins/{name}")


def test_files_of_its_own_are_handed_out_as_what_they_are(client, client_of):
    answer = client.get("/x/acme/static/acme.js")

    assert answer.content_type == "text/javascript; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get("/x/acme/static/acme.css").content_type == "text/css; charset=utf-8"
    assert client_of().get("/x/acme/static/acme.js").status_code == 303
    for path in ("page.html", ".env", "link.js", "../secret.js", "%2e%2e/secret.js", "..%2fsecret.js", "none.js", ""):
        assert client.get(f"/x/acme/static/{path}").status_code in (404, 308), path
    assert client.get("/x/notes/static/acme.js").status_code == 404
