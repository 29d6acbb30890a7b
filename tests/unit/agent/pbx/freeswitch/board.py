"""What a FreeSWITCH would answer at any place of a recorded stream, as the player lists it."""

from agent.demo.freeswitch.recording import QUIET
from agent.demo.replant import Template
from tests.unit.agent.demo.freeswitch.clients import as_recorded, score
from tests.unit.agent.pbx.freeswitch.socket_end import IDLE, stream


def answers(name: str, place: int) -> dict[str, str]:
    """What it answers when asked for its calls before the event at this place."""
    here = score(name)
    count = sum(dict(event)["Event-Name"] not in QUIET for _, event in stream(name)[:place])
    values = here.plant.encoded(as_recorded(here.plant), "json")
    scene = here.scene(count)

    def told(rows: tuple[Template, ...]) -> str:
        listed = ",".join(row.fill(values).decode() for row in rows)
        return f'{{"row_count":{len(rows)},"rows":[{listed}]}}' if rows else IDLE

    dumps = {uuid: here.dump(count, uuid, "json") for uuid in scene.board.legs}
    return {
        "api show channels as json": told(scene.channels),
        "api show calls as json": told(scene.calls),
        **{f"api uuid_dump {uuid} json": dump.fill(values).decode() for uuid, dump in dumps.items() if dump},
    }
