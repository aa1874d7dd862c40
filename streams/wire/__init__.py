"""The wire format: lines of a platform's events in, columns, refusals and counts out.

`Decoder` takes events (JSON, arrays of them), `EdgeDecoder` takes SNAP's temporal edges; both give `Decoded`.
"""

from streams.wire.decode import Decoder
from streams.wire.decoded import Decoded
from streams.wire.edges import EdgeDecoder
from streams.wire.json_schema import event_json_schema
from streams.wire.origin import Lines, Origin, from_messages
from streams.wire.reject import MENDS, REASONS, REJECTED_SCHEMA, Refusal, encode_refusal, mend_sentence

__all__ = [
    "MENDS",
    "REASONS",
    "REJECTED_SCHEMA",
    "Decoded",
    "Decoder",
    "EdgeDecoder",
    "Lines",
    "Origin",
    "Refusal",
    "encode_refusal",
    "event_json_schema",
    "from_messages",
    "mend_sentence",
]
