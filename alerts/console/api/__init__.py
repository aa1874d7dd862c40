"""The API, version 1: all that the page uses, described by OpenAPI."""

from alerts.console.api.common import PREFIX, EncodedPaths

__all__ = ["PREFIX", "EncodedPaths"]
