"""Settings: right values are read, wrong ones stop the start with one line."""

import re
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from leadhub.accounts.roles import ROLES as ACCOUNT_ROLES
from leadhub.errors import SettingError
from leadhub.keys import cipher, with_keys
from leadhub.settings import READERS, ROLES, SECRETS, Settings, read_settings

ROOT = Path(__file__).resolve().parent.parent
OIDC = {
    "OIDC_ISSUER": "https://login.example.org",
    "OIDC_CLIENT_ID": "leadhub",
    "BASE_URL": "https://crm.example.org",
}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def read(**values):
    return read_settings({f"LEADHUB_{name}": value for name, value in values.items()})


def test_without_any_setting_the_hub_is_a_file_in_data():
    assert read().database_url == f"sqlite:///{Path.cwd()}/data/leadhub.sqlite3"


@pytest.mark.parametrize("url", ["postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"])
def test_a_postgresql_address_is_taken_in_its_usual_forms(url):
    assert read(DATABASE_URL=url).database_url == "postgresql+psycopg://u:p@h/d"


WRONG = [
    ("DATABASE_URL", "mysql://h/d"),
    ("DATABASE_URL", "sqlite://"),
    ("DATABASE_URL", "nonsense"),
    ("REDIS_URL", "http://h"),
    ("SECRET_KEY", "short"),
    ("ENCRYPTION_KEYS", "not a key"),
    ("BASE_URL", "crm.example.org"),
    ("BASE_URL", "https://crm.example.org?x=1"),
    ("BASE_URL", "https://crm.example.org:port"),
    ("TRUSTED_PROXIES", "my proxy"),
    ("SMTP_URL", "mail.example.org"),
    ("SMTP_URL", "smtp://mail.example.org?tls=requird"),
    ("MAIL_FROM", "LeadHub"),
    ("MAIL_FROM", "LeadHub <hub@example.org"),
    ("MAIL_FROM", 'A "B" <hub@example.org>'),
    ("MAIL_FROM", "hub@example.org\nBcc: all@example.org"),
    ("PLUGINS_DIR", "/no/such/folder"),
    ("SAFE_MODE", "perhaps"),
    ("OUTGOING_HOSTS", "http://n8n.lan"),
    ("OIDC_ISSUER", "login.example.org"),
    ("OIDC_ISSUER", "https://login.example.org?x=1"),
    ("OIDC_ROLES", "crm-admins=king"),
    ("OIDC_ROLES", "=admin"),
    ("OIDC_ROLES", "crm-admins"),
    ("BASE_ULR", "https://crm.example.org"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_one_line_that_names_the_setting(name, value):
    with pytest.raises(SettingError) as error:
        read(**{name: value})

    assert f"LEADHUB_{name}" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_message_never_shows_a_secret():
    with pytest.raises(SettingError) as error:
        read(DATABASE_URL="mysql://user:hunter2@h/d")

    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_may_stand_in_a_file(name, tmp_path):
    values = {
        "DATABASE_URL": "postgresql+psycopg://u@h/d",
        "REDIS_URL": "redis://h/1",
        "SECRET_KEY": "k" * 40,
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "SMTP_URL": "smtp://h",
        "OIDC_CLIENT_SECRET": "word",
    }
    others = OIDC if name.startswith("OIDC") else {}
    file = tmp_path / "secret"
    file.write_text(values[name] + "\n")

    kept = getattr(read(**{f"{name}_FILE": str(file)}, **others), name.lower())

    assert kept in (values[name], (values[name],))


def test_a_secret_file_that_is_not_there_stops_the_start():
    with pytest.raises(SettingError, match="SECRET_KEY_FILE"):
        read(SECRET_KEY_FILE="/no/such/file")


@pytest.mark.parametrize("left_out", ["OIDC_ISSUER", "OIDC_CLIENT_ID", "BASE_URL"])
def test_half_a_sign_in_service_stops_the_start_with_one_line(left_out):
    with pytest.raises(SettingError, match=f"^LEADHUB_{left_out}: not set") as error:
        read(**{name: value for name, value in OIDC.items() if name != left_out})

    assert "\n" not in str(error.value)


def test_a_sign_in_service_without_https_must_be_one_of_ours():
    plain = OIDC | {"OIDC_ISSUER": "http://login.lan/realms/crm"}

    with pytest.raises(SettingError, match="LEADHUB_OIDC_ISSUER: https"):
        read(**plain)

    assert read(**plain, OUTGOING_HOSTS="login.lan").oidc_issuer == "http://login.lan/realms/crm"


def test_roles_of_a_sign_in_service_are_read_in_pairs():
    settings = read(**OIDC, OIDC_ROLES="CRM admins = admin, sales=agent, a=b=viewer")

    assert settings.oidc_roles == (("CRM admins", "admin"), ("sales", "agent"), ("a=b", "viewer"))


def test_the_button_of_a_sign_in_service_says_its_name_or_its_host():
    assert read(**OIDC).oidc_button == "login.example.org"
    assert read(**OIDC, OIDC_NAME="Works").oidc_button == "Works"
    assert read().oidc_button == ""


def test_settings_and_accounts_know_the_same_roles_in_the_same_order():
    assert tuple(ACCOUNT_ROLES) == ROLES


def test_the_environment_goes_before_the_env_file(tmp_path):
    (tmp_path / "leadhub.env").write_text("LEADHUB_BASE_URL=https://file.example\nLEADHUB_SAFE_MODE=1\n")

    settings = read(BASE_URL="https://environment.example")

    assert (settings.base_url, settings.safe_mode) == ("https://environment.example", True)


def test_an_env_file_may_be_empty_but_must_be_there(tmp_path):
    assert read(ENV_FILE="/dev/null").base_url == ""
    for path in (tmp_path, tmp_path / "none.env"):
        with pytest.raises(SettingError, match="LEADHUB_ENV_FILE"):
            read(ENV_FILE=str(path))


def test_keys_are_made_once_and_only_for_their_owner(tmp_path):
    settings = Settings(data_dir=tmp_path / "data", database_url="sqlite:///x")

    first, second = with_keys(settings), with_keys(settings)

    assert first == second
    assert len(first.secret_key) >= 32
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "data").iterdir()} == {0o600}


def test_a_server_database_without_keys_stops_the_start(tmp_path):
    with pytest.raises(SettingError, match="LEADHUB_SECRET_KEY and LEADHUB_ENCRYPTION_KEYS"):
        with_keys(Settings(data_dir=tmp_path, database_url="postgresql+psycopg://h/d"))


def test_an_older_key_still_decrypts():
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    word = cipher(Settings(encryption_keys=(old,))).encrypt(b"word")

    assert cipher(Settings(encryption_keys=(new, old))).decrypt(word) == b"word"


def test_every_setting_is_documented_and_no_other():
    documented = set(re.findall(r"^### `LEADHUB_(\w+)`", (ROOT / "docs/settings.md").read_text(), re.M))

    assert documented == set(READERS) | {"ENV_FILE"}
