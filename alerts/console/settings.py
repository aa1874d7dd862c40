"""What may be set of the console."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class ConsoleSettings(BaseModel):
    """Where the console listens, what it keeps and for how long."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    host: str = Field("127.0.0.1", min_length=1, description="Address at which the console listens.")
    port: int = Field(8090, ge=0, le=65535, description="Port for that; 0: any free one.")
    database: str = Field(
        "sqlite:///breakwater-console.db",
        min_length=1,
        description="The console's database: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.",
    )
    public_url: str = Field(
        "",
        pattern=r"^(https?://[^\s/?#]+)?/?$",
        description="Where people find the console, if not where it listens; https makes its cookies secure.",
    )
    stale_s: int = Field(60, ge=1, description="After how many seconds without word of the feed the page says so.")
    silent_s: int = Field(300, ge=1, description="After how many seconds without any event the page says so.")
    retention_d: int = Field(0, ge=0, description="Days after its last revision that a case is deleted; 0: never.")
