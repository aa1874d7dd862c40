"""Settings: what may be set, what it means, and where it is read from."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson
import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as UnreadableError

from alerts.console.settings import ConsoleSettings
from detectors.hostility import HostilityModel, load_model
from streams.kafka.options import KafkaSettings

PREFIX: Final = "BREAKWATER_"
SECRETS_DIR: Final = "/run/secrets"
"""Where secret files lie, named as the variables are in lower case; `BREAKWATER_SECRETS_DIR` names another place."""

_DELIMITER: Final = "__"
_SAYING: Final = ("allowed_lateness_s", "future_s", "take_private")
_SHORT: Final = {"idle": "kafka"}
"""Settings of a group that may be named without it."""


class SettingsError(Exception):
    """A setting is wrong; the text says which, and what would be right."""


class HttpSettings(BaseModel):
    """Where a worker shows its health and its metrics."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    host: str = Field("127.0.0.1", min_length=1, description="Address at which a worker shows health and metrics.")
    port: int = Field(8089, ge=0, le=65535, description="Port for that; 0: any free one.")


class Settings(BaseSettings):
    """Everything that may be set.

    Read from the environment (`BREAKWATER_…`, `__` for nesting), from secret files and from a YAML file; the former
    wins.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter=_DELIMITER, extra="forbid", frozen=True, validate_default=True
    )

    allowed_lateness_s: int = Field(
        5, ge=0, le=600, description="How many seconds behind its newest event a source is complete."
    )
    future_s: int = Field(
        3600, ge=60, description="From how many seconds ahead of its source on an event must be followed to be taken."
    )
    take_private: bool = Field(False, description="Whether events of visibility `private` are taken.")
    evidence_salt: SecretStr = Field(SecretStr(""), description="Secret that text hashes in evidence are salted with.")
    evidence_text: bool = Field(True, description="Whether evidence holds texts, beside their hashes.")
    hostility_model: str = Field(
        "", description="What tells how hostile texts are, as `package.module:factory`; empty: the shipped model."
    )
    kafka: KafkaSettings = KafkaSettings.model_validate({})
    http: HttpSettings = HttpSettings.model_validate({})
    console: ConsoleSettings = ConsoleSettings.model_validate({})

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
        content = {name: getattr(self, name) for name in _SAYING}
        content["evidence_salt"] = self.evidence_salt.get_secret_value()
        if self.hostility_model:
            content["hostility_model"] = self.hostility_model
        return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def hostility_of(settings: Settings) -> HostilityModel:
    """The model of hostility that is set; `SettingsError` if it is none."""
    try:
        return load_model(settings.hostility_model)
    except (ValueError, TypeError) as error:
        raise SettingsError(f"hostility_model: {error}.") from error


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
    found: list[tuple[str, PydanticBaseSettingsSource]] = [("environment", _Variables(settings, os.environ))]
    secrets = Path(os.environ.get(f"{PREFIX}SECRETS_DIR", SECRETS_DIR))
    if secrets.is_dir():
        found.append(("secret file", _Variables(settings, _secret_files(secrets))))
    if _file is not None:
        found.append((str(_file), InitSettingsSource(settings, _contents(_file))))
    return found


class _Variables(EnvSettingsSource):
    """Settings from variables by name, of the environment or of another place."""

    def __init__(self, settings: type[BaseSettings], variables: Mapping[str, str]) -> None:
        super().__init__(settings)
        named: dict[str, str | None] = {name.lower(): value for name, value in variables.items()}
        for name, group in _SHORT.items():
            value = named.get(_variable((name,)).lower())
            if value is not None:
                named.setdefault(_variable((group, name)).lower(), value)
        self.env_vars = named


def _secret_files(directory: Path) -> dict[str, str]:
    """The contents of the files there whose names are those of variables."""
    files = (path for path in sorted(directory.iterdir()) if path.name.lower().startswith(PREFIX.lower()))
    return {path.name: path.read_text("utf-8").strip() for path in files if path.is_file()}


def _contents(path: Path) -> dict[str, Any]:
    """What a settings file says."""
    try:
        found = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _not_a_mapping(path) from error
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise _not_a_mapping(path)
    for name, group in _SHORT.items():
        if name in found and isinstance(found.setdefault(group, {}), dict):
            found[group].setdefault(name, found.pop(name))
    return found


def _not_a_mapping(path: Path) -> SettingsError:
    return SettingsError(f"The settings file {path} is not a YAML mapping of names to values; correct it.")


def load(path: Path | None = None, **given: Any) -> Settings:
    """The settings in force, with those of a file if one is named; `SettingsError` when one is wrong."""
    return _load(path, given)[0]


def in_force(path: Path | None = None) -> list[Setting]:
    """Every setting with where it comes from; `SettingsError` when one is wrong."""
    settings, origins = _load(path, {})
    found = []
    for place, field in _fields(Settings):
        value: Any = settings.model_dump(mode="json")
        for part in place:
            value = value[part]
        origin = origins.get(place, "default")
        found.append(Setting(".".join(place), _variable(place), value, origin, field.description or ""))
    return found


def _fields(model: type[BaseModel], place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], FieldInfo]]:
    """Every setting of a model and of those in it, by its place."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _fields(field.annotation, (*place, name))
        else:
            yield (*place, name), field


def _places(values: Mapping[str, Any], place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The place of everything that a source says, groups and their members."""
    for name, value in values.items():
        yield (*place, name)
        if isinstance(value, dict):
            yield from _places(value, (*place, name))


def _variable(place: tuple[str, ...]) -> str:
    return PREFIX + _DELIMITER.join(place).upper()


def _load(path: Path | None, given: dict[str, Any]) -> tuple[Settings, dict[tuple[str, ...], str]]:
    """The settings, and by place where those come from that are not the default."""
    global _file  # noqa: PLW0603 - the only way to hand the path to the settings source
    if path is not None and not path.is_file():
        raise SettingsError(f"The settings file {path} does not exist; name a YAML file that does.")
    _file = path
    try:
        settings = Settings(**given)
        origins = {place: origin for origin, source in reversed(_sources(Settings)) for place in _places(source())}
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from error
    except UnreadableError as error:
        raise SettingsError(f"A variable {PREFIX}… that stands for a whole group must hold a JSON object.") from error
    finally:
        _file = None
    return settings, origins


def _sentence(error: ValidationError) -> str:
    """The first thing that is wrong, by the names that it has in files and in the environment."""
    first = error.errors(include_input=False, include_url=False)[0]
    place = tuple(part for part in first["loc"] if isinstance(part, str))
    reason = first["msg"].removeprefix("Value error, ").removesuffix(".")
    name = f"{'.'.join(place)} ({_variable(place)})" if place else "(file)"
    return f"The setting {name} is wrong: {reason}."
