"""State of the stages: how it is written down, and how checkpoints of it lie in a compacted topic.

A checkpoint holds what changed since the last one. It goes into one of `CYCLE` places in turn; what the checkpoint that
lay there before was the last to hold is written again with it. So the topic stays about as large as the state, and the
newest `CYCLE` checkpoints, read in their order, give all of it.
"""

from streams.state.checkpoint import CYCLE, Checkpoint, Checkpoints, Manifest, Saved
from streams.state.codec import CodecError, decode, encode

__all__ = ["CYCLE", "Checkpoint", "Checkpoints", "CodecError", "Manifest", "Saved", "decode", "encode"]
