"""What the parts of access share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastapi import Request
from starlette.types import Scope

from alerts.console.access.clients import client_of, networks
from alerts.console.access.clock import now_ms
from alerts.console.access.oidc import Provider
from alerts.console.access.passwords import Passwords
from alerts.console.access.sessions import Sessions
from alerts.console.access.throttle import Throttle
from alerts.console.access.tokens import Pseudonyms
from alerts.console.database import Database
from alerts.console.options import AccessSettings

PLACE: Final = "access"


class Access:
    """The database, the settings, and what is made of both.

    Parameters
    ----------
    demo
        Whether the console shows a simulation.
    clock
        What tells the time, in ms.
    """

    def __init__(
        self,
        database: Database,
        settings: AccessSettings,
        *,
        demo: bool = False,
        passwords: Passwords | None = None,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        self.database = database
        self.settings = settings
        self.demo = demo
        self.now_ms = clock
        self.sessions = Sessions(settings)
        self._proxies = networks(settings.proxies)
        self.passwords = passwords or Passwords()
        self.pseudonyms = Pseudonyms(database, settings.secret.get_secret_value())
        self.throttle = Throttle(database, self.pseudonyms)
        back = settings.public_url.rstrip("/") + "/api/v1/oidc/{}/callback"
        self.providers = {name: Provider(one, back.format(name)) for name, one in settings.oidc.items()}

    async def address_of(self, scope: Scope) -> str:
        """The keyed hash of where a request comes from."""
        return await self.pseudonyms.of_address(client_of(scope, self._proxies))


def access_of(request: Request) -> Access:
    """What was installed before the app that a request came to."""
    access: Access = getattr(request.app.state, PLACE)
    return access
