"""For who runs the console: whether it lives, whether it is ready, and what it counts. Needs no session, tells no contents."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from alerts.console.access import anyone
from alerts.console.api.common import json_response
from alerts.console.service import Console

router = APIRouter(include_in_schema=False, dependencies=[Depends(anyone)])


@router.get("/healthz")
async def healthz(request: Request) -> Response:
    """200 for as long as the event loop runs and no part of the console has failed."""
    console: Console = request.app.state.console
    return json_response({"healthy": console.healthy, "version": console.version}, 200 if console.healthy else 503)


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """200 while the database can be reached; without the feed cases are shown as they were."""
    found: dict[str, Any] = request.app.state.console.readiness()
    return json_response(found, 200 if found["ready"] else 503)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """What the console counts, for Prometheus."""
    return Response(request.app.state.console.metrics.text(), media_type=CONTENT_TYPE_LATEST)
