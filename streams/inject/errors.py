"""What can be wrong with an injection that its user can mend."""

from __future__ import annotations


class InjectError(ValueError):
    """An injection that cannot be made; its words say why and what to do."""
