"""Who may do what: accounts, sessions, roles, OpenID Connect, and the log of what was done.

`install` puts all of it before an app. A route says who may use it with `require(role)`, or `anyone`; whatever it does
it tells `audit`, in the transaction in which it does it. Everything under `/api/` wants a session, said or not.
"""

from alerts.console.access.actions import Action
from alerts.console.access.audit import audit
from alerts.console.access.installing import install
from alerts.console.access.requiring import anyone, require
from alerts.console.access.sessions import alive
from alerts.console.access.state import Access
from alerts.console.access.texts import Line, Prose
from alerts.console.errors import ApiError, Code
from alerts.console.options import AccessSettings
from alerts.console.roles import Role, User

__all__ = [
    "Access",
    "AccessSettings",
    "Action",
    "ApiError",
    "Code",
    "Line",
    "Prose",
    "Role",
    "User",
    "alive",
    "anyone",
    "audit",
    "install",
    "require",
]
