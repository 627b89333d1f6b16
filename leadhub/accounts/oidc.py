"""Sign-in by a provider of OpenID Connect: the talk with it, until it says who somebody is.  Touches no database.

Authorization code flow with PKCE (OpenID Connect Core 1.0, 3.1; RFC 7636).  ``oidc_people`` knows what that is worth.
"""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session  # noqa: TID251  # sent through the guard, see _client
from authlib.oidc.core import CodeIDToken
from flask_babel import gettext as _
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, KeySet

from leadhub import outgoing
from leadhub.accounts.roles import ROLES
from leadhub.errors import UserError
from leadhub.settings import Settings

CALLBACK = "/login/oidc/callback"
TRY_SECONDS = 600
KEPT_SECONDS = 300  # what the provider publishes of itself
AWAY_SECONDS = 15  # a provider that is away is left alone: strangers can make us ask
LEEWAY = 60  # seconds that two clocks may differ
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
SCOPE = "openid email profile"
Document = dict[str, Any]
log = structlog.get_logger()
_kept: dict[str, tuple[float, Document]] = {}  # address -> (good until, what was there; empty: it was away)


class SignInFailed(UserError):
    """Nobody is signed in, and nothing was changed.  ``reason`` is for the log and names nobody."""

    status = 422

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class ProviderFailed(SignInFailed):
    """The provider is away, or answers in a way that it should not."""

    status = 502

    def __init__(self, reason: str) -> None:
        super().__init__(
            _("The sign-in service does not answer as it should. Try again later, or ask an admin."), reason
        )


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Whom the provider vouches for.  ``role`` is None where none of its claims is mapped to one."""

    subject: str  # SHA-256 of issuer and subject, hexadecimal
    email: str
    is_email_verified: bool
    name: str
    role: str | None


def begin(settings: Settings) -> tuple[str, Document]:
    """Where to send the browser, and what its session must keep until it comes back.  Raises ``ProviderFailed``."""
    metadata = _metadata(settings)
    attempt = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
    with _client(settings, metadata) as client:
        url, _state = client.create_authorization_url(
            metadata["authorization_endpoint"],
            state=attempt["state"],
            nonce=attempt["nonce"],
            code_verifier=attempt["verifier"],
        )
    return url, {**attempt, "at": int(time.time())}


def identify(settings: Settings, attempt: Document | None, answer: Mapping[str, str]) -> Identity:
    """Whom the browser came back as.  ``answer`` is what the address says that the provider sent it to.

    Raises ``SignInFailed``, or ``ProviderFailed`` where the provider is to blame.
    """
    if not attempt or not hmac.compare_digest(answer.get("state", "").encode(), attempt["state"].encode()):
        raise SignInFailed(_("This sign-in was not begun here, or was used already. Try again."), "state")
    if not 0 <= time.time() - attempt["at"] <= TRY_SECONDS:
        raise SignInFailed(_("This sign-in took too long. Try again."), "too late")
    metadata = _metadata(settings)
    if answer.get("iss", metadata["issuer"]) != metadata["issuer"]:  # RFC 9207: the answer of another provider
        raise SignInFailed(_("The answer of the sign-in service can’t be trusted. Try again."), "issuer of the answer")
    if answer.get("error") == "access_denied":
        raise SignInFailed(_("The sign-in was cancelled."), "cancelled")
    if "error" in answer or not answer.get("code"):
        raise ProviderFailed("no code")
    text = _id_token(settings, metadata, answer["code"], attempt["verifier"])
    return _identity(settings, _checked(settings, metadata, text, attempt["nonce"]))


def forget_documents() -> None:
    """Ask the provider for everything again."""
    _kept.clear()


def _client(settings: Settings, metadata: Document) -> OAuth2Session:
    methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    client = OAuth2Session(
        settings.oidc_client_id,
        settings.oidc_client_secret or None,
        scope=SCOPE,
        redirect_uri=settings.base_url + CALLBACK,
        code_challenge_method="S256",
    )
    if settings.oidc_client_secret and "client_secret_basic" not in methods:
        client.token_endpoint_auth_method = "client_secret_post"
    return outgoing.guarded(client, allowed_hosts=settings.outgoing_hosts)


def _metadata(settings: Settings) -> Document:
    """What the provider says of itself (OpenID Connect Discovery 1.0)."""
    metadata = _document(settings, settings.oidc_issuer + "/.well-known/openid-configuration")
    wanted = [metadata.get(name) for name in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")]
    if not all(isinstance(value, str) and value.startswith(("https://", "http://")) for value in wanted):
        raise ProviderFailed("discovery")
    if metadata["issuer"].rstrip("/") != settings.oidc_issuer:
        raise ProviderFailed("another issuer")
    return metadata


def _document(settings: Settings, url: str, *, fresh: bool = False) -> Document:
    until, document = _kept.get(url, (0.0, {}))
    if fresh or until < time.monotonic():
        document = _fetched(settings, url)
        _kept[url] = (time.monotonic() + (KEPT_SECONDS if document else AWAY_SECONDS), document)
    if not document:
        raise ProviderFailed("away")
    return document


def _fetched(settings: Settings, url: str) -> Document:
    """The JSON object there; empty where there is none."""
    try:
        answer = outgoing.call(
            "GET", url, allowed_hosts=settings.outgoing_hosts, headers={"Accept": "application/json"}
        )
        document = json.loads(answer.body) if answer.status == 200 else {}
    except outgoing.OutgoingError as error:
        log.warning("the sign-in service was not reached", reason=error.reason)
        return {}
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _id_token(settings: Settings, metadata: Document, code: str, verifier: str) -> str:
    try:
        with _client(settings, metadata) as client:
            token = client.fetch_token(
                metadata["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=verifier
            )
    except outgoing.OutgoingError as error:
        raise ProviderFailed(f"token endpoint: {error.reason}") from None
    except AuthlibBaseError as error:
        if error.error == "invalid_grant":
            raise SignInFailed(_("This sign-in was not begun here, or was used already. Try again."), "code") from None
        raise ProviderFailed(f"token endpoint: {str(error.error)[:40]}") from None
    except (ValueError, OSError):
        raise ProviderFailed("token endpoint: no token") from None
    if not isinstance(token.get("id_token"), str):
        raise ProviderFailed("token endpoint: no ID token")
    return str(token["id_token"])


def _checked(settings: Settings, metadata: Document, text: str, nonce: str) -> Document:
    """The claims of an ID token that is signed by the provider, for us, now, and for this try."""
    try:
        try:
            token = jwt.decode(text, _keys(settings, metadata), algorithms=ALGORITHMS)
        except InvalidKeyIdError:  # the provider may have changed its keys since we asked
            token = jwt.decode(text, _keys(settings, metadata, fresh=True), algorithms=ALGORITHMS)
        options = {"iss": {"value": metadata["issuer"]}, "aud": {"value": settings.oidc_client_id}}
        params = {"client_id": settings.oidc_client_id, "nonce": nonce}
        claims = CodeIDToken(token.claims, token.header, options, params)
        claims.validate(leeway=LEEWAY)
        if not claims["sub"]:
            raise ValueError
    except (JoseError, ValueError, TypeError) as error:
        message = _("The answer of the sign-in service can’t be trusted. Try again.")
        raise SignInFailed(message, f"ID token: {type(error).__name__}") from None
    return dict(claims)


def _keys(settings: Settings, metadata: Document, *, fresh: bool = False) -> KeySet:
    """Public keys for signatures; a shared secret among them is left out, and so is a kind that we don't know."""
    keys = []
    listed = _document(settings, metadata["jwks_uri"], fresh=fresh).get("keys")
    for key in listed if isinstance(listed, list) else []:
        if isinstance(key, dict) and key.get("kty") in ("RSA", "EC", "OKP") and key.get("use", "sig") == "sig":
            with suppress(JoseError, ValueError, TypeError, KeyError):
                keys.append(JWKRegistry.import_key(key))
    return KeySet(keys)


def _identity(settings: Settings, claims: Document) -> Identity:
    subject = f"{claims['iss']}\0{claims['sub']}"
    names = [_text(claims, "name"), f"{_text(claims, 'given_name')} {_text(claims, 'family_name')}".strip()]
    granted = _values(claims, settings.oidc_role_claim)
    roles = {role for value, role in settings.oidc_roles if value in granted}
    return Identity(
        subject=hashlib.sha256(subject.encode()).hexdigest(),
        email=_text(claims, "email"),
        is_email_verified=claims.get("email_verified") is True,
        name=next(filter(None, names), "")[:200],
        role=next((role for role in ROLES if role in roles), None),
    )


def _text(claims: Document, name: str) -> str:
    value = claims.get(name)
    return value.replace("\0", "").strip() if isinstance(value, str) else ""


def _values(claims: Document, path: str) -> list[str]:
    """What stands at ``realm_access.roles``, or in a claim with just that name."""
    found: Any = claims
    for part in [path] if path in claims else path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    if isinstance(found, str):
        return [found]
    return [value for value in found if isinstance(value, str)] if isinstance(found, list) else []
