"""An OpenID provider on loopback: discovery, sign-in, tokens and keys; and what a bad one would do."""

import base64
import hmac
import json
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote_plus

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "console", "a secret of the console"


_OWN, _FOREIGN = (RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}) for _ in range(2))


class Provider:
    """Signs in whoever comes as `claims` say; `attack` names what it does wrong."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self.clock = clock
        self.issuer = ""
        self.claims: dict[str, Any] = {"sub": "s1", "preferred_username": "Olga"}
        self.attack = ""
        self.asked_for_keys = 0
        self.keys: list[RSAKey | ECKey] = [_OWN]
        self._codes: dict[str, dict[str, str]] = {}
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.discovery),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/jwks", self.jwks),
            ]
        )

    async def discovery(self, _: Request) -> Response:
        described = {
            "issuer": "https://evil.example" if self.attack == "discovery_issuer" else self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": "http://evil.example/jwks" if self.attack == "unsafe_endpoint" else f"{self.issuer}/jwks",
        }
        return JSONResponse(described)

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        back = f"{asked['redirect_uri']}?code={code}&state={asked['state']}&iss={self.issuer}"
        return RedirectResponse(back, 303)

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        shown = base64.b64encode(f"{CLIENT}:{quote_plus(SECRET)}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {shown}":
            return JSONResponse({"error": "invalid_client"}, 401)
        asked = self._codes.pop(str(form.get("code")), None)
        if (
            asked is None
            or form.get("redirect_uri") != asked["redirect_uri"]
            or create_s256_code_challenge(str(form.get("code_verifier"))) != asked["code_challenge"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        if self.attack == "no_id_token":
            return JSONResponse({"access_token": "x", "token_type": "Bearer"})
        access_token = secrets.token_urlsafe(16)
        answer = {"access_token": access_token, "token_type": "Bearer", "id_token": self._id_token(asked["nonce"])}
        return JSONResponse(answer)

    async def jwks(self, _: Request) -> Response:
        self.asked_for_keys += 1
        keys = [key.as_dict(private=False) for key in self.keys]
        return JSONResponse({"keys": [{"kty": "of tomorrow"}, *keys]})

    def _id_token(self, nonce: str) -> str:
        now = self.clock() // 1000
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce, **self.claims}
        wrong: dict[str, dict[str, Any]] = {
            "nonce": {"nonce": "another"},
            "issuer": {"iss": "https://evil.example"},
            "audience": {"aud": "another client"},
            "audiences": {"aud": [CLIENT, "another client"], "azp": "another client"},
            "expired": {"iat": now - 1000, "exp": now - 61},
            "future": {"nbf": now + 1000},
            "at_hash": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
            "subject": {"sub": ""},
            "subject_kind": {"sub": 5},
        }
        claims |= wrong.get(self.attack, {})
        if self.attack.startswith("no_"):
            claims.pop(self.attack.removeprefix("no_"), None)
        key = self.keys[-1]
        header = {"alg": "ES256" if isinstance(key, ECKey) else "RS256", "kid": key.kid}
        signed = jwt.encode(header, claims, key, algorithms=[header["alg"]])
        head, _, mark = signed.split(".")
        forged: dict[str, Callable[[], str]] = {
            "alg_none": lambda: f"{_part({'alg': 'none'})}.{_part(claims)}.",
            "alg_none_kept_signature": lambda: f"{_part({'alg': 'None', 'kid': key.kid})}.{_part(claims)}.{mark}",
            "alg_hs256_by_public_key": lambda: _hs256(
                {"alg": "HS256", "kid": key.kid}, claims, key.as_pem(private=False)
            ),
            "alg_hs256_by_client_secret": lambda: _hs256({"alg": "HS256"}, claims, SECRET.encode()),
            "foreign_key": lambda: self._foreign({"kid": "one"}, claims),
            "key_in_header": lambda: self._foreign({"jwk": _FOREIGN.as_dict(private=False)}, claims),
            "changed": lambda: f"{head}.{_part({**claims, 'sub': 's2'})}.{mark}",
            "garbage": lambda: "not a token at all",
        }
        return forged.get(self.attack, lambda: signed)()

    def _foreign(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", **header}, claims, _FOREIGN, algorithms=["RS256"])


ATTACKS = (
    "nonce", "issuer", "audience", "audiences", "expired", "future", "at_hash", "subject", "subject_kind", "no_nonce",
    "no_iss", "no_aud", "no_exp", "no_sub", "no_iat", "no_id_token", "alg_none", "alg_none_kept_signature",
    "alg_hs256_by_public_key", "alg_hs256_by_client_secret", "foreign_key", "key_in_header", "changed", "garbage",
)  # fmt: skip


def _part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def _hs256(header: dict[str, Any], claims: dict[str, Any], key: bytes) -> str:
    signed = f"{_part(header)}.{_part(claims)}"
    mark = hmac.new(key, signed.encode(), "sha256").digest()
    return f"{signed}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"
