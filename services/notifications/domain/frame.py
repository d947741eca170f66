"""The bytes inside an envelope: two length-prefixed parts, padded with zeros to a size class.

The size classes hide how much was written; a length is all that brokers and the hub could read.
"""

import struct

from services.notifications.domain.errors import EnvelopeRefusedError, TooLargeError

SIZE_CLASSES = tuple(kib * 1024 for kib in (1, 2, 4, 8, 16, 64, 256, 960))
_LENGTH = struct.Struct(">I")


def pack(first: bytes, second: bytes) -> bytes:
    """Both parts in one padded frame; raises TooLargeError beyond the largest class."""
    frame = b"".join((_LENGTH.pack(len(first)), first, _LENGTH.pack(len(second)), second))
    size = next((size for size in SIZE_CLASSES if size >= len(frame)), None)
    if size is None:
        raise TooLargeError
    return frame.ljust(size, b"\0")


def unpack(frame: bytes) -> tuple[bytes, bytes]:
    """The two parts; raises EnvelopeRefusedError unless the frame is exactly what `pack` makes."""
    first, rest = _part(frame)
    second, padding = _part(rest)
    if len(frame) not in SIZE_CLASSES or padding.strip(b"\0"):
        raise EnvelopeRefusedError("malformed")
    return first, second


def _part(data: bytes) -> tuple[bytes, bytes]:
    if len(data) < _LENGTH.size:
        raise EnvelopeRefusedError("malformed")
    end = _LENGTH.size + _LENGTH.unpack_from(data)[0]
    if end > len(data):
        raise EnvelopeRefusedError("malformed")
    return data[_LENGTH.size : end], data[end:]
