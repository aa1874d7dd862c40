"""The page: files that were built beforehand, served as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fastapi import APIRouter, Depends, Response
from fastapi.responses import FileResponse, PlainTextResponse

from alerts.console.access import ApiError, Code, anyone

STATIC: Final = Path(__file__).with_name("static")

_INDEX: Final = "index.html"
_ASSETS: Final = "assets"
_FOR_EVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
_NEVER: Final = {"Cache-Control": "no-cache"}
_NOT_BUILT: Final = (
    "The console's page was not built: run `make page`, or install a released package. The API at /api/v1 works.\n"
)


def page_router(folder: Path = STATIC) -> APIRouter:
    """Serves the built page from a folder: its files, and for every other path its index, since the page knows its own ways."""
    router = APIRouter(include_in_schema=False, dependencies=[Depends(anyone)])

    @router.api_route("/{path:path}", methods=["GET", "HEAD"])
    async def page(path: str) -> Response:
        if f"{path}/".lstrip("/").lower().startswith("api/"):
            raise ApiError(404, Code.NOT_FOUND, "There is no such path in the API.")
        found = _file(folder, path)
        if found is not None:
            hashed = found.parent == folder / _ASSETS
            return FileResponse(found, headers=_FOR_EVER if hashed else _NEVER)
        if path.startswith(_ASSETS + "/"):
            raise ApiError(404, Code.NOT_FOUND, "There is no such file.")
        index = folder / _INDEX
        if not index.is_file():
            return PlainTextResponse(_NOT_BUILT, 503, headers=_NEVER)
        return FileResponse(index, headers=_NEVER)

    return router


def _file(folder: Path, path: str) -> Path | None:
    """The file of a path, if it is one of the folder's."""
    parts = path.split("/")
    if not path or any(
        part in {"", ".", ".."} or part.startswith(".") or "\\" in part or "\0" in part for part in parts
    ):
        return None
    found = folder.joinpath(*parts)
    try:
        return found if found.is_file() else None
    except OSError:
        return None
