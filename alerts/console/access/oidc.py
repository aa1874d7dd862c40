"""OpenID Connect: the code flow with PKCE, and the checks of the ID token.

What is asked of a provider follows OpenID Connect Core 1.0 (3.1), RFC 7636 and RFC 9207.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import quote_plus, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

from alerts.console.options import LOOPBACK, OidcProvider
from alerts.console.roles import Role

ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
    "EdDSA",
)
"""How an ID token may be signed: by keys of which the provider alone has the private half."""

_JSON: Final = {"Accept": "application/json"}
_DISCOVERY: Final = "/.well-known/openid-configuration"
_TIMEOUT_S: Final = 10.0
_LEEWAY_S: Final = 60
_KEPT_MS: Final = 3_600_000
_ASKED_AGAIN_MS: Final = 60_000
_LONGEST_SUBJECT: Final = 255


class ProviderAwayError(Exception):
    """A provider cannot be reached, or does not answer as one."""


class UntrustedError(Exception):
    """What a provider is said to say cannot be believed; the text says why."""


class Identity(NamedTuple):
    """Whom a provider vouches for."""

    issuer: str
    subject: str
    name: str
    role: Role | None


class Provider:
    """One provider: what it says of itself is asked once an hour.

    Parameters
    ----------
    settings
        Its issuer, and what the console is called there.
    back
        The address that it sends people back to.
    """

    def __init__(self, settings: OidcProvider, back: str) -> None:
        self.settings = settings
        self._back = back
        self._metadata: dict[str, Any] = {}
        self._keys = KeySet([])
        self._metadata_at, self._keys_at = 0, 0

    async def address(self, state: str, nonce: str, verifier: str, now_ms: int) -> str:
        """Where a browser is sent to sign in."""
        async with _client() as client:
            metadata = await self._described(client, now_ms)
        address: str = prepare_grant_uri(
            metadata["authorization_endpoint"],
            self.settings.client_id,
            "code",
            redirect_uri=self._back,
            scope=self.settings.scopes,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return address

    async def identity(self, code: str, nonce: str, verifier: str, now_ms: int) -> Identity:
        """Whom a code stands for.

        Raises
        ------
        ProviderAwayError
            If the provider does not say.
        UntrustedError
            If it refuses the code, or what it says was not said by it, to us, now, and for this request.
        """
        async with _client() as client:
            metadata = await self._described(client, now_ms)
            tokens = await self._exchanged(client, metadata, code, verifier)
            return await self._believed(client, metadata, tokens, nonce, now_ms)

    async def _described(self, client: httpx.AsyncClient, now_ms: int) -> dict[str, Any]:
        """What the provider says of itself."""
        if self._metadata and now_ms - self._metadata_at < _KEPT_MS:
            return self._metadata
        issuer = self.settings.issuer
        metadata = await _json(client, issuer.rstrip("/") + _DISCOVERY)
        if metadata.get("issuer") != issuer:
            raise ProviderAwayError(f"The provider at {issuer} goes by another name; set its issuer as it says it.")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not _is_safe(metadata.get(name), issuer):
                raise ProviderAwayError(f"The provider at {issuer} names no safe {name}.")
        self._metadata, self._metadata_at = metadata, now_ms
        return metadata

    async def _exchanged(
        self, client: httpx.AsyncClient, metadata: dict[str, Any], code: str, verifier: str
    ) -> dict[str, Any]:
        """The tokens that a code is exchanged for."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._back, "code_verifier": verifier}
        auth = httpx.Auth()
        secret = self.settings.client_secret.get_secret_value()
        methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if secret and "client_secret_basic" in methods:
            auth = httpx.BasicAuth(quote_plus(self.settings.client_id), quote_plus(secret))
        else:
            form["client_id"] = self.settings.client_id
            if secret:
                form["client_secret"] = secret
        try:
            response = await client.post(metadata["token_endpoint"], data=form, auth=auth, headers=_JSON)
            found = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderAwayError("The provider does not answer.") from error
        if response.status_code >= 500:
            raise ProviderAwayError("The provider does not answer.")
        if response.status_code != 200 or not isinstance(found, dict) or not isinstance(found.get("id_token"), str):
            raise UntrustedError("the provider does not take the code")
        return found

    async def _believed(
        self, client: httpx.AsyncClient, metadata: dict[str, Any], tokens: dict[str, Any], nonce: str, now_ms: int
    ) -> Identity:
        """What an ID token says, once it was checked."""
        try:
            token = await self._verified(client, metadata["jwks_uri"], tokens["id_token"], now_ms)
            claims = CodeIDToken(
                token.claims,
                token.header,
                options={
                    "iss": {"essential": True, "value": self.settings.issuer},
                    "aud": {"essential": True, "value": self.settings.client_id},
                },
                params={
                    "nonce": nonce,
                    "client_id": self.settings.client_id,
                    "access_token": tokens.get("access_token"),
                },
            )
            claims.validate(now=now_ms // 1000, leeway=_LEEWAY_S)
        except (JoseError, ValueError, TypeError) as error:
            raise UntrustedError(f"the ID token is not to be believed: {type(error).__name__}") from error
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
            raise UntrustedError("the ID token names nobody")
        return Identity(
            self.settings.issuer, subject, _name(claims, self.settings, subject), _role(claims, self.settings)
        )

    async def _verified(self, client: httpx.AsyncClient, address: str, token: str, now_ms: int) -> jwt.Token:
        """A token that is signed by the provider; its keys are asked anew when they are old or one is not among them."""
        if now_ms - self._keys_at >= _KEPT_MS:
            await self._ask_keys(client, address, now_ms)
        try:
            return jwt.decode(token, self._keys, algorithms=ALGORITHMS)
        except JoseError:
            if now_ms - self._keys_at < _ASKED_AGAIN_MS:
                raise
        await self._ask_keys(client, address, now_ms)
        return jwt.decode(token, self._keys, algorithms=ALGORITHMS)

    async def _ask_keys(self, client: httpx.AsyncClient, address: str, now_ms: int) -> None:
        found = (await _json(client, address)).get("keys")
        keys = [key for each in found if (key := _key(each)) is not None] if isinstance(found, list) else []
        self._keys, self._keys_at = KeySet(keys), now_ms


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=_TIMEOUT_S, follow_redirects=False)


async def _json(client: httpx.AsyncClient, address: str) -> dict[str, Any]:
    try:
        response = await client.get(address, headers=_JSON)
        response.raise_for_status()
        found = response.json()
    except (httpx.HTTPError, ValueError) as error:
        raise ProviderAwayError(f"{address} does not answer.") from error
    if not isinstance(found, dict):
        raise ProviderAwayError(f"{address} does not answer as a provider does.")
    return found


def _is_safe(address: object, issuer: str) -> bool:
    """Whether an endpoint is reached by https, or on loopback as its issuer is."""
    if not isinstance(address, str):
        return False
    parts = urlsplit(address)
    local = parts.hostname in LOOPBACK and urlsplit(issuer).hostname in LOOPBACK
    return parts.scheme == "https" or (parts.scheme == "http" and local)


def _key(described: object) -> Key | None:
    """A key to check signatures with; None if it is for something else, or of a kind that is not known."""
    if not isinstance(described, dict) or described.get("use", "sig") != "sig" or described.get("kty") == "oct":
        return None
    try:
        return JWKRegistry.import_key(described)
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _name(claims: Mapping[str, Any], settings: OidcProvider, subject: str) -> str:
    for claim in (settings.name_claim, "preferred_username", "name"):
        name = claims.get(claim)
        if isinstance(name, str) and name.strip():
            return name
    return subject


def _role(claims: Mapping[str, Any], settings: OidcProvider) -> Role | None:
    """The highest role that the claim gives, or the one that is given to everybody."""
    if not settings.role_claim:
        return settings.default_role
    found: Any = claims
    if settings.role_claim in claims:
        found = claims[settings.role_claim]
    else:
        for part in settings.role_claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    values = found if isinstance(found, list) else [found]
    roles = [settings.roles[value] for value in values if isinstance(value, str) and value in settings.roles]
    return max(roles, default=settings.default_role)
