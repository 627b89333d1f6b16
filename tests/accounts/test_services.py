"""Users: who can be made, who can't."""

import pytest

from leadhub.accounts import services
from leadhub.accounts.passwords import WeakPassword
from leadhub.extensions import db

pytestmark = pytest.mark.usefixtures("context")
SENTENCE = "a sentence to remember"


def test_a_user_gets_role_and_name():
    user = services.create_user("Zoé@example.org".replace("é", "e"), SENTENCE, role="manager", name=" Zoé ")

    assert (user.role, user.label, user.email) == ("manager", "Zoé", "Zoe@example.org")


def test_a_user_without_name_is_called_by_the_address():
    assert services.create_user("zoe@example.org", SENTENCE, role="agent").label == "zoe@example.org"


@pytest.mark.parametrize("email", ["ada@example.org", "ADA@example.org", "Ada@EXAMPLE.org"])
def test_an_address_is_taken_whatever_its_case(email):
    with pytest.raises(services.EmailTaken):
        services.create_user(email, SENTENCE, role="agent")


@pytest.mark.parametrize(
    "password", ["", "short", "aaaaaaaaaaaaaaaa", "ababababababab", "zoe.dupre@example.org", "zoe.dupre.x", "x" * 1001]
)
def test_a_weak_password_is_refused(password):
    with pytest.raises(WeakPassword):
        services.create_user("zoe.dupre@example.org", password, role="agent")


@pytest.mark.parametrize("password", ["mot de passe à moi", "x1y2z3" * 20, "    spaces count   "])
def test_long_and_odd_passwords_are_taken(password):
    assert services.create_user("zoe@example.org", password, role="agent").password.startswith("$argon2")


def test_an_unknown_role_is_refused():
    with pytest.raises(services.UnknownRole):
        services.create_user("zoe@example.org", SENTENCE, role="owner")


@pytest.mark.parametrize("typed", ["une phrase à retenir", "une phrase a\u0300 retenir", "ﬁne ligature ① two"])
def test_a_password_with_accents_signs_in_however_they_are_typed(app, typed):
    services.create_user("zoe@example.org", "une phrase à retenir" if "phrase" in typed else typed, role="agent")
    db.session.commit()

    answer = app.test_client().post("/login", data={"email": "zoe@example.org", "password": typed})

    assert answer.status_code == 302
