"""Settings: what may be set, what it means, and where it is read from."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import orjson
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)


class SettingsError(Exception):
    """A setting is wrong; the text says which, and what would be right."""


class Settings(BaseSettings):
    """Everything that may be set.

    Read from the environment (`BREAKWATER_…`, `__` for nesting) and from a YAML file; the environment wins.
    """

    model_config = SettingsConfigDict(
        env_prefix="BREAKWATER_", env_nested_delimiter="__", extra="forbid", frozen=True, validate_default=True
    )

    allowed_lateness_s: int = Field(5, ge=0, le=600, description="How far behind its newest event a source is complete.")
    future_s: int = Field(3600, ge=60, description="How far ahead of its source an event must be followed to be taken.")
    take_private: bool = Field(False, description="Whether events of visibility `private` are taken.")
    evidence_salt: SecretStr = Field(SecretStr(""), description="Secret that text hashes in evidence are salted with.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The order in which sources win: given in code, environment, secret files, the settings file."""
        return init_settings, env_settings, file_secret_settings, YamlConfigSettingsSource(settings_cls, _file)

    @property
    def digest(self) -> str:
        """A digest of the settings that change what is said; secrets only change it, they cannot be read from it."""
        content = {**self.model_dump(), "evidence_salt": self.evidence_salt.get_secret_value()}
        return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


_file: Path | None = None


def load(path: Path | None = None, **given: Any) -> Settings:
    """The settings in force, with those of a file if one is named; `SettingsError` when one is wrong."""
    global _file  # noqa: PLW0603 - the only way to hand the path to the settings source
    if path is not None and not path.is_file():
        raise SettingsError(f"The settings file {path} does not exist; name a YAML file that does.")
    _file = path
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"The setting {name or '(file)'} is wrong: {first['msg']}.") from error
    finally:
        _file = None
