"""AMI frames → leg events: which frames count, and how a torn one is mended.

Only whole events count (grammar.py); what they say stands in translations.py. Most frames are of no interest and cost
one look at their name.
"""

from agent.pbx.asterisk.channels import phone_of, role_of
from agent.pbx.asterisk.grammar import FULLY_BOOTED, Shape
from agent.pbx.asterisk.translations import EVENTS, Said
from agent.pbx.asterisk.trunks import Trunks
from agent.pbx.events import EndCause, Gap, LegCreated, LegEnded, LegRole, Restarted

TORN_LIMIT = 4096
"""Bytes up to which a torn event is read on."""
MOST_TORN = 1000


class Dialect:
    """Translates one PBX's frames, in order. Pure: no clock, no I/O.

    `inbound_contexts`: globs on the context of a leg's first event. `trunk_channels`: globs on the channel's name.
    """

    def __init__(self, inbound_contexts: tuple[str, ...], trunk_channels: tuple[str, ...] = ()) -> None:
        self.trunks = Trunks(inbound_contexts, trunk_channels)
        self._uptime = -1
        self._torn = b""
        self._torn_shape: Shape | None = None
        self._torn_channels: set[str] = set()

    def translate(self, frame: bytes) -> Said:
        """What one frame says about legs, most often nothing. Never raises, whatever the frame.

        A row of a listing comes out as LegListed; the session gathers them.
        """
        if self._torn_shape is not None:
            return self._read_on(frame)
        entry = EVENTS.get(frame[7 : frame.find(b"\r", 7)])
        if entry is None:
            return self._booted(frame) if frame.startswith(b"Event: FullyBooted\r") else ()
        worth, shape, say = entry
        if worth is not None and not worth(frame):
            return ()
        text = frame.decode("utf-8", "replace")
        fields = shape.match(text)
        if fields is None:
            if shape.begins(text) is None:
                return ()
            fields = shape.match_torn(text)
            if fields is None:
                self._torn, self._torn_shape = frame, shape
                return ()
        return say(self.trunks, fields)

    def connected(self) -> None:
        """A new connection begins: what was torn when the last one ended is torn for good."""
        self._torn, self._torn_shape = b"", None

    def _booted(self, frame: bytes) -> Said:
        found = FULLY_BOOTED(frame.decode("utf-8", "replace"))
        if found is None:
            return ()
        uptime, before = int(found["at_login"] or found["at_boot"]), self._uptime
        self._uptime = uptime
        if before < 0:
            return ()
        return (Restarted(),) if uptime < before else (Gap(),)

    def _read_on(self, frame: bytes) -> Said:
        """The rest of a torn event stands in the frames right after it; an intact one means it never came."""
        shape, torn = self._torn_shape, self._torn
        assert shape is not None
        joined = torn + b"\r\n\r\n" + frame
        intact = _is_intact(frame)
        if intact or len(joined) > TORN_LIMIT:
            self._torn, self._torn_shape = b"", None
            lost = self._give_up(torn, shape)
            return lost + (self.translate(frame) if intact else ())
        self._torn = joined
        fields = shape.match_torn(joined.decode("utf-8", "replace"))
        if fields is None:
            return ()
        self._torn, self._torn_shape = b"", None
        return EVENTS[_name(joined)][2](self.trunks, fields)

    def _give_up(self, torn: bytes, shape: Shape) -> Said:
        """The rest never came: the channel's name is all there is. The call is recorded; its number is nobody's."""
        fields = shape.begins(torn.decode("utf-8", "replace"))
        assert fields is not None
        channel, name = fields["channel"], _name(torn)
        if name == b"Newchannel" and fields["state"] == "4" and role_of(channel) is LegRole.PARTY:
            if len(self._torn_channels) < MOST_TORN:
                self._torn_channels.add(channel)
            number = fields["number"] + "\r\n"
            return (LegCreated(channel, channel, LegRole.PARTY, True, True, phone_of(channel), number=number),)
        if name in (b"Hangup", b"HangupRequest") and channel in self._torn_channels:
            self._torn_channels.discard(channel)
            return (LegEnded(channel, channel, EndCause.NORMAL),)
        return ()


def _name(frame: bytes) -> bytes:
    return frame[7 : frame.find(b"\r\n", 7)]


def _is_intact(frame: bytes) -> bool:
    entry = EVENTS.get(_name(frame))
    return entry is not None and entry[1].match(frame.decode("utf-8", "replace")) is not None
