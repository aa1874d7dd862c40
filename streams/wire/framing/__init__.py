"""Frames on the wire: `encode` makes messages of a frame, `Reassembly` makes frames of messages.

A frame that is larger than a message may be goes in several parts. `peek` reads what a message says of its rows
without reading them. The same frame gives the same bytes in every process of one release.
"""

from streams.wire.framing.header import FrameError, Header, peek
from streams.wire.framing.parts import encode
from streams.wire.framing.reassembly import Reassembly

__all__ = ["FrameError", "Header", "Reassembly", "encode", "peek"]
