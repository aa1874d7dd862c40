"""Settings: what may be set, what it means, and where it is read from."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson
import yaml
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)

PREFIX: Final = "BREAKWATER_"
SECRETS_DIR: Final = "/run/secrets"
"""Where secret files lie, named as the variables are in lower case; `BREAKWATER_SECRETS_DIR` names another place."""


class SettingsError(Exception):
    """A setting is wrong; the text says which, and what would be right."""


class Settings(BaseSettings):
    """Everything that may be set.

    Read from the environment (`BREAKWATER_…`, `__` for nesting), from secret files and from a YAML file; the former
    wins.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, validate_default=True
    )

    allowed_lateness_s: int = Field(
        5, ge=0, le=600, description="How many seconds behind its newest event a source is complete."
    )
    future_s: int = Field(
        3600, ge=60, description="From how many seconds ahead of its source on an event must be followed to be taken."
    )
    take_private: bool = Field(False, description="Whether events of visibility `private` are taken.")
    evidence_salt: SecretStr = Field(SecretStr(""), description="Secret that text hashes in evidence are salted with.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - asked for by name
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - asked for by name
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - asked for by name
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The order in which sources win: given in code, environment, secret files, the settings file."""
        return init_settings, *(source for _, source in _sources(settings_cls))

    @property
    def digest(self) -> str:
        """A digest of the settings that change what is said; secrets only change it, they cannot be read from it."""
        content = {**self.model_dump(), "evidence_salt": self.evidence_salt.get_secret_value()}
        return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


class Setting(NamedTuple):
    """One setting in force: its value as JSON (a secret as asterisks), and where that comes from."""

    name: str
    variable: str
    value: Any
    origin: str
    meaning: str


_file: Path | None = None


def _sources(settings: type[BaseSettings]) -> list[tuple[str, PydanticBaseSettingsSource]]:
    """What settings are read from beside code, the first of them wins."""
    secrets = Path(os.environ.get(f"{PREFIX}SECRETS_DIR", SECRETS_DIR))
    found: list[tuple[str, PydanticBaseSettingsSource]] = [("environment", EnvSettingsSource(settings))]
    if secrets.is_dir():
        found.append(("secret file", SecretsSettingsSource(settings, secrets)))
    if _file is not None:
        found.append((str(_file), YamlConfigSettingsSource(settings, _file)))
    return found


def load(path: Path | None = None, **given: Any) -> Settings:
    """The settings in force, with those of a file if one is named; `SettingsError` when one is wrong."""
    return _load(path, given)[0]


def in_force(path: Path | None = None) -> list[Setting]:
    """Every setting with where it comes from; `SettingsError` when one is wrong."""
    settings, origins = _load(path, {})
    values = settings.model_dump(mode="json")
    return [
        Setting(name, PREFIX + name.upper(), values[name], origins.get(name, "default"), field.description or "")
        for name, field in Settings.model_fields.items()
    ]


def _load(path: Path | None, given: dict[str, Any]) -> tuple[Settings, dict[str, str]]:
    """The settings, and by name where those come from that are not the default."""
    global _file  # noqa: PLW0603 - the only way to hand the path to the settings source
    if path is not None and not path.is_file():
        raise SettingsError(f"The settings file {path} does not exist; name a YAML file that does.")
    _file = path
    try:
        settings = Settings(**given)
        origins = {name: origin for origin, source in reversed(_sources(Settings)) for name in source()}
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"The setting {name or '(file)'} is wrong: {first['msg']}.") from error
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, ValueError) as error:
        raise SettingsError(
            f"The settings file {path} is not a YAML mapping of names to values; correct it."
        ) from error
    finally:
        _file = None
    return settings, origins
