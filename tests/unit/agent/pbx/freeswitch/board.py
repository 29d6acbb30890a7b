"""What a FreeSWITCH would list, kept up from a recorded stream: its channels, who is bridged, each one's headers."""

import json
from collections.abc import Mapping

Fields = Mapping[str, str]


class Board:
    """The channels as the events so far leave them."""

    def __init__(self) -> None:
        self._dumps: dict[str, dict[str, str]] = {}
        self._rows: dict[str, dict[str, str]] = {}
        self._bridges: dict[str, str] = {}

    def take(self, event: Fields) -> None:
        """One event."""
        uuid, name = event.get("Unique-ID", ""), event.get("Event-Name", "")
        if name == "CHANNEL_CREATE":
            self._rows[uuid] = {
                "uuid": uuid,
                "initial_dest": event.get("Caller-Destination-Number", ""),
                "initial_context": event.get("Caller-Context", ""),
                "application": "",
                "application_data": "",
            }
        if uuid not in self._rows:
            return
        self._dumps[uuid] = self._dumps.get(uuid, {}) | dict(event)
        match name:
            case "CHANNEL_EXECUTE":
                self._rows[uuid]["application"] = event.get("Application", "")
                self._rows[uuid]["application_data"] = event.get("Application-Data", "")
            case "CHANNEL_BRIDGE":
                self._bridges[event["Bridge-A-Unique-ID"]] = event["Bridge-B-Unique-ID"]
            case "CHANNEL_UNBRIDGE":
                self._bridges.pop(event["Bridge-A-Unique-ID"], None)
            case "CHANNEL_HANGUP_COMPLETE":
                del self._rows[uuid], self._dumps[uuid]
                self._bridges = {a: b for a, b in self._bridges.items() if uuid not in (a, b)}
            case _:
                pass

    def answers(self) -> dict[str, str]:
        """What it answers when asked for its calls."""
        calls = [{"uuid": a, "b_uuid": b} for a, b in self._bridges.items()]
        return {
            "api show channels as json": _listed(list(self._rows.values())),
            "api show calls as json": _listed(calls),
            **{f"api uuid_dump {uuid} json": json.dumps(dump) for uuid, dump in self._dumps.items()},
        }


def _listed(rows: list[dict[str, str]]) -> str:
    """An idle PBX sends no `rows` at all."""
    return json.dumps({"row_count": len(rows)} | ({"rows": rows} if rows else {}))
