"""AMI bytes → frames.

A frame is the text between two empty lines, without them. The first line of a connection is the banner. Bytes may be
cut anywhere; what is unfinished waits here, bounded. No decoding happens here: most frames are never looked at.
"""

FRAME_LIMIT = 256 * 1024
"""Largest unfinished frame kept, bytes. Real ones reach 9 KB: an 8 KB channel variable and its headers."""

BANNER_LIMIT = 256


class NotAmi(Exception):
    """The peer doesn't speak AMI: its first line is no banner."""


class FrameTooLong(Exception):
    """The peer sends on without ever finishing a frame."""


class Reader:
    """One connection's bytes. `banner` is empty until the first line came."""

    def __init__(self) -> None:
        self.banner = b""
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """All frames that `data` completes, in order. Raises NotAmi or FrameTooLong; the connection is then useless."""
        if not self.banner:
            data = self._read_banner(data)
            if not self.banner:
                return []
        frames = (self._rest + data).split(b"\r\n\r\n")
        self._rest = frames.pop()
        if len(self._rest) > FRAME_LIMIT:
            raise FrameTooLong(f"no empty line within {FRAME_LIMIT} bytes")
        # some frames end with two empty lines; the second must not become part of the next
        return [frame.lstrip(b"\r\n") if frame.startswith(b"\r\n") else frame for frame in frames]

    def _read_banner(self, data: bytes) -> bytes:
        line, end, after = (self._rest + data).partition(b"\r\n")
        if not line.startswith(b"Asterisk Call Manager"[: len(line)]) or len(line) > BANNER_LIMIT:
            raise NotAmi(f"it greets with {line[:60]!r}")
        if not end:
            self._rest = line
            return b""
        self._rest = b""
        self.banner = line
        return after


def headers(frame: bytes) -> list[tuple[str, str]]:
    """All headers of a frame in order, doubled ones kept; a line without a colon has an empty value."""
    pairs = []
    for line in frame.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        if name:
            pairs.append((name, value.removeprefix(" ")))
    return pairs
