"""What may be set of the console."""

from __future__ import annotations

import re

from pydantic import Field, field_serializer

from alerts.console.options import AccessSettings


class ConsoleSettings(AccessSettings):
    """Where the console listens, what it keeps and for how long."""

    port: int = Field(8090, ge=0, le=65535, description="Port for that; 0: any free one.")
    database: str = Field(
        "sqlite:///breakwater-console.db",
        min_length=1,
        description="The console's database: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.",
    )
    stale_s: int = Field(60, ge=1, description="After how many seconds without word of the feed the page says so.")
    silent_s: int = Field(300, ge=1, description="After how many seconds without any event the page says so.")
    retention_d: int = Field(0, ge=0, description="Days after its last revision that a case is deleted; 0: never.")

    @field_serializer("database", when_used="json")
    def _password_stays_hidden(self, value: str) -> str:
        return re.sub(r"//([^:/@]*):.*@", r"//\1:**********@", value)
