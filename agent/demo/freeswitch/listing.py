"""What the player answers when it is asked what is going on: `show channels`, `show calls` and `uuid_dump`.

A row is compiled once per recording and instant and then filled for each call, so that a thousand calls in flight are
listed in milliseconds.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property

from agent.demo.freeswitch.board import COLUMNS, Board, Leg, board_after
from agent.demo.freeswitch.encoding import Fields, Piece, as_it_is, encoded, json_object, plain
from agent.demo.freeswitch.replant import CORE, NAME, NOW, NOW_GMT, NOW_LOCAL, SEQUENCE, Plant
from agent.demo.recording import RecordedEvent
from agent.demo.replant import Template, template

IN_CALLS = (
    "uuid", "direction", "created", "created_epoch", "name", "state", "cid_name", "cid_num", "ip_addr", "dest",
    "presence_id", "presence_data", "accountcode", "callstate", "callee_name", "callee_num", "callee_direction",
    "call_uuid", "hostname", "sent_callee_name", "sent_callee_num",
)  # fmt: skip
"""The columns of one leg in `show calls`; the second leg's have `b_` in front, without its call_uuid and hostname."""
_NAMES = ("cid_name", "initial_cid_name", "sent_callee_name", "callee_name")


class Scene:
    """One recording after its first `count` events."""

    def __init__(self, plant: Plant, events: Sequence[RecordedEvent]) -> None:
        self._plant = plant
        self.board: Board = board_after(events)

    def _row(self, leg: Leg) -> dict[str, tuple[Piece, ...]]:
        times = self._plant.times
        named = self._plant.caller and self._plant.name
        found: dict[str, tuple[Piece, ...]] = {}
        for column in COLUMNS:
            value = leg.row[column]
            found[column] = (NAME,) if column in _NAMES and value and value == named else self._plant.pieces(value)
        return found | {"created": (times["local", leg.created],), "created_epoch": (times["s", leg.created],)}

    def _calls(self) -> Iterator[Fields]:
        taken = {bridge.b for bridge in self.board.bridges.values()}
        for uuid, leg in self.board.legs.items():
            if uuid in taken:
                continue
            bridge = self.board.bridges.get(uuid)
            row = self._row(leg)
            other = self._row(self.board.legs[bridge.b]) if bridge and bridge.b in self.board.legs else {}
            fields = [(column, row[column]) for column in IN_CALLS]
            second = (column for column in IN_CALLS if column not in ("call_uuid", "hostname"))
            fields += [(f"b_{column}", other.get(column, ())) for column in second]
            began: tuple[Piece, ...] = (self._plant.times["s", bridge.since],) if bridge else ()
            yield [*fields, ("call_created_epoch", began)]

    @cached_property
    def channels(self) -> tuple[Template, ...]:
        """Rows of `show channels as json`."""
        return tuple(template(json_object(self._row(leg).items())) for leg in self.board.legs.values())

    @cached_property
    def channels_as_text(self) -> tuple[Template, ...]:
        """Rows of `show channels`."""
        return tuple(template(self._line(self._row(leg))) for leg in self.board.legs.values())

    @cached_property
    def calls(self) -> tuple[Template, ...]:
        """Rows of `show calls as json`: whoever isn't the second leg of a bridge, bridged or not."""
        return tuple(template(json_object(fields)) for fields in self._calls())

    def _line(self, row: dict[str, tuple[Piece, ...]]) -> Iterator[Piece]:
        for i, column in enumerate(COLUMNS):
            yield "," if i else ""
            yield from encoded(row[column], as_it_is)
        yield "\n"

    def dump(self, uuid: str, written: str) -> Template | None:
        """A living leg's `uuid_dump` as `plain` or `json`; None: its channel is down."""
        leg = self.board.legs.get(uuid)
        if leg is None or leg.going:
            return None
        dates = (("Event-Date-Local", NOW_LOCAL), ("Event-Date-GMT", NOW_GMT), ("Event-Date-Timestamp", NOW))
        fields: list[tuple[str, tuple[Piece, ...]]] = [
            ("Event-Name", ("CHANNEL_DATA",)),
            ("Core-UUID", (CORE,)),
            *((key, (value,)) for key, value in self._plant.host),
            *((key, (slot,)) for key, slot in dates),
            ("Event-Calling-File", ("mod_commands.c",)),
            ("Event-Calling-Function", ("uuid_dump_function",)),
            ("Event-Calling-Line-Number", ("6468",)),
            ("Event-Sequence", (SEQUENCE,)),
            *self._plant.fields(leg.headers),
        ]
        return template(json_object(fields) if written == "json" else plain(fields))
