"""What the player would list at an instant is what the real PBX listed then (recorded snapshots)."""

import gzip
import json
from typing import Any

import pytest

from agent.demo.recording import ARRAY
from agent.demo.replant import Template
from tests.unit.agent.demo.freeswitch.clients import TRACES, as_recorded, score

SNAPSHOTS = {
    "direct_3": ("snap_direct", 3.0),
    "direct_7": ("snap_direct", 7.0),
    "ivr_2": ("snap_ivr", 2.0),
    "ivr_5.5": ("snap_ivr", 5.5),
    "loopback_3": ("snap_loopback", 3.0),
    "loopback_7": ("snap_loopback", 7.0),
    "queue_3": ("snap_queue", 3.0),
    "queue_8": ("snap_queue", 8.0),
    "vm_3": ("snap_rg_vm", 2.96),
    "vm_11": ("snap_rg_vm", 10.96),
}
"""Snapshot → its stream, and when it was taken."""

CODEC = {"Channel-Read-Codec-Name", "Channel-Read-Codec-Bit-Rate", "variable_read_codec", "read_codec", "read_bit_rate"}
DIALLING = {
    "Caller-Callee-ID-Name", "Caller-Callee-ID-Number", "Caller-Channel-Progress-Time", "variable_dialed_user",
    "variable_dialed_domain", "variable_originate_disposition", "variable_DIALSTATUS",
    "variable_originate_signal_bond", "variable_originated_legs",
}  # fmt: skip
PLAYED = {
    "variable_sound_prefix", "variable_playback_last_offset_pos", "variable_playback_seconds", "variable_playback_ms",
    "variable_playback_samples",
}  # fmt: skip
UNTOLD = {
    "ivr_5.5": CODEC | DIALLING,
    "loopback_3": CODEC | DIALLING,
    "loopback_7": {
        "variable_endpoint_disposition", "variable_last_sent_callee_id_name", "variable_last_sent_callee_id_number",
    },
    "queue_3": {"variable_sip_full_to", "variable_sip_to_tag", "variable_sip_cseq"},
    "vm_11": PLAYED,
}  # fmt: skip
"""What a channel keeps to itself until its next event: an application (ringback while it dials, a prompt, the answer
to an ACK, a loopback's other half) sets it while it runs, and no event says so."""


class Here:
    """The player's knowledge at the instant of a snapshot."""

    def __init__(self, snapshot: str) -> None:
        stream, taken = SNAPSHOTS[snapshot]
        self.score = score(stream)
        self.count = sum(event.at <= taken for event in self.score.recording.events)
        self.scene = self.score.scene(self.count)
        self.real: dict[str, Any] = json.loads(
            gzip.decompress((TRACES / "snapshots" / f"{snapshot}.json.gz").read_bytes())
        )
        self._values = as_recorded(self.score.plant)

    def told(self, template: Template) -> str:
        return template.fill(self.score.plant.encoded(self._values, "json")).decode()

    def rows(self, templates: tuple[Template, ...]) -> list[dict[str, str]]:
        return [json.loads(self.told(template)) for template in templates]


def differing(told: dict[str, Any], real: dict[str, Any]) -> set[str]:
    return {key for key in told.keys() | real.keys() if told.get(key) != real.get(key)}


@pytest.mark.parametrize("snapshot", SNAPSHOTS)
def test_the_rows_are_those_of_the_real_pbx(snapshot: str) -> None:
    here = Here(snapshot)
    for command, told in (("channels", here.rows(here.scene.channels)), ("calls", here.rows(here.scene.calls))):
        real = here.real[f"show {command} as json"]["out"].get("rows", [])
        assert [list(row) for row in told] == [list(row) for row in real]
        for row, expected in zip(told, real, strict=True):
            assert row["uuid"] == expected["uuid"]
            assert differing(row, expected) <= UNTOLD.get(snapshot, set())


@pytest.mark.parametrize("snapshot", SNAPSHOTS)
def test_each_leg_tells_of_itself_what_the_real_one_told(snapshot: str) -> None:
    here = Here(snapshot)
    dumps = {key.split()[1]: dump for key, dump in here.real.items() if key.startswith("uuid_dump ")}
    assert dumps.keys() == here.scene.board.legs.keys()
    missed: set[str] = set()
    for uuid, dump in dumps.items():
        template = here.score.dump(here.count, uuid, "json")
        assert template is not None
        told, real = json.loads(here.told(template)), dump.get("out", dump)
        changing = {"Event-Date-Local", "Event-Date-GMT", "Event-Date-Timestamp", "Event-Sequence"}
        assert changing <= told.keys()
        missed |= differing(told, real) - changing
    assert missed <= UNTOLD.get(snapshot, set())


def test_the_list_as_text_is_that_of_the_real_pbx() -> None:
    here = Here("direct_7")
    rows = [here.told(template) for template in here.scene.channels_as_text]
    assert rows == here.real["show channels"]["out"].splitlines(keepends=True)[1:3]


def test_what_is_said_to_be_untold_is_known_from_no_event() -> None:
    for snapshot, untold in UNTOLD.items():
        here = Here(snapshot)
        found: set[str] = set()
        for key, dump in here.real.items():
            if key.startswith("uuid_dump "):
                template = here.score.dump(here.count, key.split()[1], "json")
                assert template is not None
                found |= differing(json.loads(here.told(template)), dump.get("out", dump))
        rows = here.real["show channels as json"]["out"]["rows"]
        for row, real in zip(here.rows(here.scene.channels), rows, strict=True):
            found |= differing(row, real)
        assert untold & found, snapshot


def test_an_array_is_told_as_a_list() -> None:
    here = Here("direct_7")
    leg = next(iter(here.scene.board.legs))
    template = here.score.dump(here.count, leg, "json")
    assert template is not None
    assert isinstance(json.loads(here.told(template))["variable_originated_legs"], list)
    assert ARRAY not in here.told(template)


def test_a_leg_that_has_hung_up_is_listed_until_it_is_destroyed_and_tells_nothing_any_more() -> None:
    direct = score("snap_direct")
    events = direct.recording.events
    caller = direct.recording.first.get("Unique-ID")
    own = {event.name: i for i, event in enumerate(events) if event.get("Unique-ID") == caller}
    assert direct.dump(own["CHANNEL_HANGUP"], caller, "json") is not None
    assert direct.dump(own["CHANNEL_HANGUP"] + 1, caller, "json") is None
    assert caller in direct.scene(own["CHANNEL_DESTROY"]).board.legs
    assert caller not in direct.scene(own["CHANNEL_DESTROY"] + 1).board.legs
