"""What may be set of accounts, sessions and who may reach the console."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Any, Final, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from alerts.console.roles import Role

LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_URL: Final = r"^(https?://[^\s/?#@]+)?/?$"


class OidcProvider(BaseModel):
    """An OpenID provider that people may sign in with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str = Field(description="Its issuer, as it names itself; https, but on loopback.")
    client_id: str = Field(min_length=1, description="What the console is called there.")
    client_secret: SecretStr = Field(SecretStr(""), description="The secret for that; empty for a public client.")
    name: str = Field("", description="What people know it by.")
    scopes: str = Field("openid profile", description="What is asked for, with spaces between.")
    name_claim: str = Field("preferred_username", description="The claim that a new account is named by.")
    role_claim: str = Field(
        "", description="The claim that tells the role, dots between nested ones; empty: none does."
    )
    roles: dict[str, Role] = Field({}, description="The role for each value of that claim; the highest counts.")
    default_role: Role | None = Field(
        None, description="The role of who has none by that claim; none: he may not enter."
    )

    @field_validator("issuer")
    @classmethod
    def _issuer_is_safe(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise ValueError("an issuer is an https:// address")
        return value

    @field_validator("default_role", mode="before")
    @classmethod
    def _none_in_words(cls, value: Any) -> Any:
        return None if value in {"", "none"} else value

    @field_validator("default_role")
    @classmethod
    def _default_is_low(cls, value: Role | None) -> Role | None:
        if value not in {None, Role.VIEWER}:
            raise ValueError("by default one may be viewer or none")
        return value

    @field_validator("scopes")
    @classmethod
    def _scopes_ask_for_an_identity(cls, value: str) -> str:
        if "openid" not in value.split():
            raise ValueError("the scopes must have openid among them")
        return value


class AccessSettings(BaseModel):
    """Who may reach the console, and for how long he stays signed in."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    host: str = Field("127.0.0.1", min_length=1, description="Address at which the console listens.")
    public_url: str = Field(
        "",
        pattern=_URL,
        description="Where people find the console, if not where it listens; https makes its cookies secure.",
    )
    hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Further names by which the console may be reached, with commas between."
    )
    proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Addresses or networks of proxies that are believed where people come from, with commas between.",
    )
    secret: SecretStr = Field(
        SecretStr(""), description="Key under which addresses are hashed; empty: one that is kept in the database."
    )
    session_idle_s: int = Field(4 * 3600, ge=60, description="After how many seconds without a request a session ends.")
    session_life_s: int = Field(12 * 3600, ge=60, description="After how many seconds a session ends in any case.")
    local_accounts: bool = Field(True, description="Whether one may sign in by name and password.")
    oidc: dict[str, OidcProvider] = Field({}, description="OpenID providers that one may sign in with, by a short id.")

    @field_validator("hosts", "proxies", mode="before")
    @classmethod
    def _in_words(cls, value: Any) -> Any:
        return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value

    @field_validator("proxies")
    @classmethod
    def _proxies_are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            try:
                ipaddress.ip_network(name, strict=False)
            except ValueError:
                raise ValueError(f"{name!r} is no address and no network, such as 10.0.0.0/8") from None
        return value

    @field_validator("oidc")
    @classmethod
    def _ids_are_short(cls, value: dict[str, OidcProvider]) -> dict[str, OidcProvider]:
        for name in value:
            if not (name.isascii() and name.replace("-", "").replace("_", "").isalnum() and len(name) <= 32):
                raise ValueError(f"{name!r} cannot be the id of a provider; use up to 32 letters and digits")
        return value

    @model_validator(mode="after")
    def _providers_know_the_way_back(self) -> Self:
        if self.oidc and not self.public_url:
            raise ValueError("signing in by OpenID Connect needs public_url, so that providers know the way back")
        return self

    @property
    def secure(self) -> bool:
        """Whether people come by https."""
        return self.public_url.startswith("https://")

    @property
    def origin(self) -> str:
        """Where people come to, without a path; empty if not said."""
        return self.public_url.rstrip("/").lower()

    @property
    def names(self) -> frozenset[str]:
        """The names of hosts by which the console may be reached, in lower case."""
        found = {*LOOPBACK, self.host, *self.hosts, urlsplit(self.public_url).hostname or ""}
        return frozenset(name.lower().strip("[]").rstrip(".") for name in found if name)


def is_address(name: str) -> bool:
    """Whether a host is named by its number."""
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
