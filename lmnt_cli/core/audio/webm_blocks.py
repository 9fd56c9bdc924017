"""WebM as it arrives: distinguishes blocks of audio from headers (RFC 8794; RFC 9559, 5).

Bytes do not indicate time here, and samples are not visible.
"""

from __future__ import annotations


_EBML_HEADER = 0x1A45DFA3
# Elements whose content is parsed: Segment and Cluster.
_CONTAINERS = {0x18538067, 0x1F43B675}
# Elements that contain audio: SimpleBlock and BlockGroup.
_BLOCKS = {0xA3, 0xA0}


class WebmBlocks:
    """A timeline that only knows whether a block of audio has arrived since `begin`."""

    tells_time = False
    seconds = began_at = 0.0

    def __init__(self) -> None:
        self.sounds = False
        self._forget()

    def _forget(self) -> None:
        self._head = bytearray()  # an element's id and size, until both are complete
        self._rest = 0  # bytes of the current element still to come
        self._is_block = False
        self._began = False
        self._foreign = False

    def begin(self) -> None:
        self.sounds = False

    def feed(self, chunk: bytes) -> None:
        position = 0
        while position < len(chunk) and not self._foreign:
            if self._rest:
                step = min(self._rest, len(chunk) - position)
                position += step
                self._rest -= step
                self.sounds = self.sounds or (self._is_block and not self._rest)
            else:
                self._head.append(chunk[position])
                position += 1
                self._read_head()
        if self._foreign and chunk:
            self.sounds = True  # not WebM at all, so assume sound

    def _read_head(self) -> None:
        """Identify the element once its id and size are complete."""
        id_length = _length(self._head[0])
        if len(self._head) <= id_length:
            if not self._began and not _EBML_HEADER.to_bytes(4, "big").startswith(self._head):
                self._foreign = True
            return
        size_length = _length(self._head[id_length])
        if len(self._head) < id_length + size_length:
            return
        name = int.from_bytes(self._head[:id_length], "big")
        bits = 7 * size_length
        size = int.from_bytes(self._head[id_length:], "big") & ((1 << bits) - 1)
        self._head.clear()
        self._began = True
        # An element of unknown size (all ones) can only be parsed.
        looked_into = name in _CONTAINERS or size == (1 << bits) - 1
        self._rest = 0 if looked_into else size
        self._is_block = name in _BLOCKS

    def place(self, seconds: float) -> tuple[int, float] | None:  # noqa: ARG002 - the protocol's signature
        return None

    def broken(self) -> int:
        return 0

    def end(self) -> float:
        return 0.0

    def restart(self, offset: int, second: float) -> None:  # noqa: ARG002 - the protocol's signature
        self.sounds = False
        self._forget()


def _length(first: int) -> int:
    """Return the length in bytes of a number that starts with this byte (RFC 8794, 4.1)."""
    return 9 - first.bit_length() if first else 8
