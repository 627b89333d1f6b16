"""Forms that are sent once."""

from threading import Barrier, Thread

from leadhub.accounts import once
from leadhub.accounts.models import FormPost
from leadhub.extensions import db


def test_a_first_post_claims_its_key_and_a_second_one_sees_what_it_made(context, person):
    first = once.claim("a key", user=person("bob"), endpoint="leads.create")
    first.settle("/leads/7")
    db.session.commit()

    second = once.claim("a key", user=person("bob"), endpoint="leads.create")

    assert (first.made, second.made) == (None, "/leads/7")


def test_a_key_is_of_one_person_and_one_form(context, person):
    once.claim("a key", user=person("bob"), endpoint="leads.create")

    others = [("mia", "leads.create"), ("bob", "activities.create")]

    assert [once.claim("a key", user=person(name), endpoint=at).made for name, at in others] == [None, None]


def test_a_post_that_was_refused_gives_its_key_back(context, person):
    once.claim("a key", user=person("bob"), endpoint="leads.create")
    db.session.rollback()

    assert once.claim("a key", user=person("bob"), endpoint="leads.create").made is None


def test_a_form_without_a_key_can_be_sent_again(context, person):
    claims = [once.claim(key, user=person("bob"), endpoint="leads.create") for key in ("", None, "")]

    assert [claim.made for claim in claims] == [None] * 3
    assert db.session.query(FormPost).count() == 0


def test_of_two_posts_at_once_one_is_first(app, person):
    made, start = [], Barrier(2)

    def post():
        with app.app_context():
            user = person("bob")
            db.session.rollback()
            start.wait()
            claim = once.claim("a key", user=user, endpoint="leads.create")
            claim.settle("/leads/7")
            db.session.commit()
            made.append(claim.made)

    posts = [Thread(target=post) for _ in range(2)]
    for thread in posts:
        thread.start()
    for thread in posts:
        thread.join()

    assert sorted(made, key=str) == ["/leads/7", None]
