"""What is kept of an Asterisk connection in a trace: every event, and the answers about callers' channels."""

from agent.pbx.asterisk.reader import Reader, headers
from agent.pbx.masking import People
from agent.pbx.tape import Header, Taped

PEOPLE = People(
    names=("CallerIDName", "ConnectedLineName", "CallerIDName1", "CallerIDName2", "MemberName"),
    texts=frozenset({"AppData", "Value"}),
)
"""Where names stand; as endings, since a header of another leg carries a prefix (DestCallerIDName)."""


class AsteriskTape:
    """One connection's tape (agent.pbx.tape.Tape). Lists and pongs aren't kept: a replay has no use for them."""

    people = PEOPLE

    def __init__(self) -> None:
        self.version = ""
        self._reader = Reader()
        self._asked: dict[str, list[Header]] = {}
        self._ours = ""
        self._questions = b""

    def sent(self, data: bytes) -> None:
        """Remember which channel is asked about."""
        for action in data.split(b"\r\n\r\n"):
            said = headers(action)
            fields = dict(said)
            name = fields.get("ActionID", "")
            match fields.get("Action"):
                case "Getvar":
                    self._asked[name] = [pair for pair in said if pair[0] != "ActionID"]
                case "Login":
                    self._ours = name.removesuffix("login")
                    self._questions = f"Action: CoreSettings\r\nActionID: {self._ours}settings\r\n\r\n".encode()

    def heard(self, data: bytes) -> list[Taped]:
        """The events and answers that `data` completes. Raises what the reader raises."""
        kept = []
        for raw in self._reader.feed(data):
            frame = raw.lstrip(b"\r\n")
            if frame.startswith(b"Response: "):
                taped = self._answer(dict(headers(frame)), frame)
            elif frame and not (self._ours and self._ours.encode() in frame):
                taped = Taped(_lines(frame))
            else:
                taped = None
            if taped is not None:
                kept.append(taped)
        return kept

    def questions(self) -> bytes:
        """Once, after the login: which version this is."""
        asked, self._questions = self._questions, b""
        return asked

    def _answer(self, said: dict[str, str], frame: bytes) -> Taped | None:
        name = said.get("ActionID", "")
        if self._ours and name == f"{self._ours}settings":
            self.version = said.get("AsteriskVersion", "")
        question = self._asked.pop(name, None)
        if question is None:
            return None
        return Taped([pair for pair in _lines(frame) if pair[0] != "ActionID"], question)


def _lines(frame: bytes) -> list[Header]:
    """The lines of a frame, byte for byte, also those that a caller tore."""
    text = frame.decode("utf-8", "surrogateescape")
    return [(name, value) for name, _, value in (line.partition(": ") for line in text.split("\r\n"))]
