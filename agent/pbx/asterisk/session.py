"""One AMI login, from the banner to the goodbye. Sans-I/O: bytes in, leg events and bytes out, no clock.

What it asks for is little: the login, one live listing, a ping when it is quiet, and two variables of each inbound
caller's channel (was the number withheld?). All of it `read = system,call,agent,dialplan`, `write = reporting` allows.
"""

from enum import Enum

from agent.pbx.asterisk.channels import withheld_by
from agent.pbx.asterisk.dialect import Dialect
from agent.pbx.asterisk.grammar import FULLY_BOOTED, SHUTDOWN
from agent.pbx.asterisk.listing import Listing
from agent.pbx.asterisk.reader import FrameTooLong, NotAmi, Reader, headers
from agent.pbx.attestation import attestation_in
from agent.pbx.events import (
    LegArrived,
    LegAttested,
    LegCreated,
    LegEvent,
    LegListed,
    LegWithheld,
    ListingBegins,
    Restarted,
)
from agent.pbx.trouble import Cause, Trouble

PRESENTATION = "CALLERID(pres)"
SAVED_PRESENTATION = "CALLINGNUMPRES_SV"
"""Where FreePBX keeps the presentation before it sets it to allowed."""

FROM_HEADER = "PJSIP_HEADER(read,From)"
"""Where the carrier's STIR/SHAKEN verdict stands (`;verstat=`), which Asterisk strips from the number."""

MOST_QUESTIONS = 10_000
"""Unanswered questions remembered; a PBX that never answers must not cost memory."""


class Stage(Enum):
    """How far the login has come."""

    BANNER = "waiting for the banner"
    LOGIN = "logging in"
    BOOTING = "waiting until the PBX has booted"
    LISTING = "listing the calls in flight"
    LIVE = "live"


class Question:
    """What is asked of one caller's channel: whether the number is withheld, two variables together."""

    def __init__(self, leg: str, call: str) -> None:
        self.leg = leg
        self.call = call
        self.answers: list[bool | None] = []


class Session:
    """One connection's life. `nonce` is unguessable: nobody but the PBX can answer in its name.

    `startup`: when the PBX last said it had started, "" if it never did; a change means that it restarted meanwhile.
    """

    def __init__(
        self,
        user: str,
        secret: str,
        dialect: Dialect,
        nonce: str,
        startup: str = "",
        *,
        ask_attestation: bool = False,
    ) -> None:
        self.stage = Stage.BANNER
        self.version = ""
        self.startup = startup
        self.goodbye = ""
        self._user = user
        self._secret = secret
        self._dialect = dialect
        dialect.connected()
        self._nonce = nonce
        self._ask_attestation = ask_attestation
        self._attestations: dict[str, Question] = {}
        self._reader = Reader()
        self._out: list[bytes] = []
        self._asked = 0
        self._core_status = ""
        self._listing: Listing | None = None
        self._questions: dict[str, Question] = {}

    @property
    def is_live(self) -> bool:
        """Logged in, and the calls in flight are known."""
        return self.stage is Stage.LIVE

    @property
    def is_booting(self) -> bool:
        """Logged in, but the PBX hasn't finished booting."""
        return self.stage is Stage.BOOTING

    def feed(self, data: bytes) -> list[LegEvent]:
        """What these bytes say about legs. Raises Trouble; the connection is then to be closed."""
        try:
            frames = self._reader.feed(data)
        except NotAmi as error:
            raise _not_ami(str(error)) from None
        except FrameTooLong as error:
            raise Trouble(
                Cause.GARBLED,
                f"The PBX's manager interface sends what isn't AMI: {error}.",
                "The link is closed and made anew; if this repeats, look at what listens on that port.",
            ) from None
        if self.stage is Stage.BANNER and self._reader.banner:
            self.version = self._reader.banner.decode("ascii", "replace")
            self.stage = Stage.LOGIN
            self._ask("login", f"Action: Login\r\nUsername: {self._user}\r\nSecret: {self._secret}\r\n")
        events: list[LegEvent] = []
        translate = self._dialect.translate
        for frame in frames:
            said = translate(frame)
            if said:
                self._hear(said, events)
            if self.stage is not Stage.LIVE or self._listing is not None or frame.startswith(b"Response: "):
                self._answered(frame, events)
            elif frame.startswith(b"Event: Shutdown\r\n"):
                self._shut_down(frame)
        return events

    def outgoing(self) -> bytes:
        """What is to be written now."""
        if not self._out:
            return b""
        out, self._out = b"".join(self._out), []
        return out

    def ping(self) -> None:
        """Ask for a sign of life."""
        self._ask("ping", "Action: Ping\r\n")

    def list_anew(self) -> list[LegEvent]:
        """Ask for all living legs again, to drop those whose end was lost. Nothing while a listing is under way."""
        if self.stage is not Stage.LIVE or self._listing is not None:
            return []
        return self._begin_listing()

    def log_off(self) -> None:
        """Say goodbye."""
        self._ask("logoff", "Action: Logoff\r\n")

    def _hear(self, said: tuple[LegEvent | LegListed, ...], events: list[LegEvent]) -> None:
        for event in said:
            if self._listing is not None:
                self._listing.take(event)
            if isinstance(event, LegListed):
                continue
            events.append(event)
            match event:
                case LegCreated(arriving=True, trunk=True) if event.leg == event.call:
                    self._ask_presentation(event.leg, event.call)
                case LegArrived():  # an inbound caller is known by his channel
                    self._ask_presentation(event.leg, event.call)
                case _:
                    pass

    def _shut_down(self, frame: bytes) -> None:
        found = SHUTDOWN(frame.decode("utf-8", "replace"))
        if found is not None:
            self.goodbye = "it is being restarted" if found[1] == "True" else "it is being stopped"

    def _answered(self, frame: bytes, events: list[LegEvent]) -> None:
        if self.stage is Stage.BOOTING and FULLY_BOOTED(frame.decode("utf-8", "replace")):
            self.stage = Stage.LISTING
            self._core_status = self._ask("core", "Action: CoreStatus\r\n")
            return
        if self._nonce.encode() not in frame:
            return
        said = dict(headers(frame))
        question = said.get("ActionID", "")
        if self._listing is not None and question in (self._listing.status, self._listing.bridges):
            self._refuse_without_rights(said, "write = reporting")
            if self._listing.answer(frame):
                self._end_listing(events)
        elif question == f"{self._nonce}-login":
            self._logged_in(said)
        elif question == self._core_status:
            self._core_status = ""
            self._refuse_without_rights(said, "write = reporting")
            self._compare_startup(said, events)
            events.extend(self._begin_listing())
        elif question in self._questions:
            self._presentation_answered(question, said, events)
        elif question in self._attestations:
            asked = self._attestations.pop(question)
            level = attestation_in(said.get("Value", ""))
            if level is not None:
                events.append(LegAttested(asked.leg, asked.call, level))

    def _logged_in(self, said: dict[str, str]) -> None:
        if said.get("Response") == "Success":
            self.stage = Stage.BOOTING
            return
        raise Trouble(
            Cause.REFUSED,
            f'The PBX refuses the login of manager user "{self._user}" ({said.get("Message", "no reason given")}).',
            "It says the same for a wrong secret, an unknown user and an address that `permit` doesn't cover: check "
            "the section in manager.conf (FreePBX: manager_custom.conf), then `asterisk -rx 'manager reload'`.",
        )

    def _compare_startup(self, said: dict[str, str], events: list[LegEvent]) -> None:
        startup = f"{said.get('CoreStartupDate', '')} {said.get('CoreStartupTime', '')}"
        if self.startup and startup != self.startup:
            events.append(Restarted())
        self.startup = startup

    def _begin_listing(self) -> list[LegEvent]:
        self._listing = Listing(
            self._ask(f"status{self._asked}", "Action: Status\r\n"),
            self._ask(f"bridges{self._asked}", "Action: BridgeList\r\n"),
        )
        return [ListingBegins()]

    def _end_listing(self, events: list[LegEvent]) -> None:
        assert self._listing is not None
        listed = self._listing.result()
        events.append(listed)
        self._listing = None
        self.stage = Stage.LIVE
        self._dialect.trunks.keep_only({leg.created.leg for leg in listed.legs})
        for leg in listed.legs:
            if leg.created.arriving and leg.created.trunk:
                self._ask_presentation(leg.created.leg, leg.created.call)

    def _ask_presentation(self, leg: str, call: str) -> None:
        channel = self._dialect.trunks.channels.get(leg)
        if channel is None or len(self._questions) >= MOST_QUESTIONS or not channel.isprintable():
            return
        question = Question(leg, call)
        if self._ask_attestation:
            action = f"Action: Getvar\r\nChannel: {channel}\r\nVariable: {FROM_HEADER}\r\n"
            self._attestations[self._ask(f"from{self._asked}", action)] = question
        for variable in (PRESENTATION, SAVED_PRESENTATION):
            action = f"Action: Getvar\r\nChannel: {channel}\r\nVariable: {variable}\r\n"
            self._questions[self._ask(f"pres{self._asked}", action)] = question

    def _presentation_answered(self, name: str, said: dict[str, str], events: list[LegEvent]) -> None:
        question = self._questions.pop(name)
        known_already = True in question.answers
        question.answers.append(withheld_by(said.get("Value", "")) if said.get("Response") == "Success" else None)
        if known_already:
            return
        if True in question.answers:
            events.append(LegWithheld(question.leg, question.call, True))
        elif len(question.answers) == 2:
            known = False if False in question.answers else None  # two errors: the channel is gone already
            events.append(LegWithheld(question.leg, question.call, known))

    def _refuse_without_rights(self, said: dict[str, str], right: str) -> None:
        if said.get("Response") == "Error" and said.get("Message") == "Permission denied":
            raise Trouble(
                Cause.RIGHTS,
                f'Manager user "{self._user}" may log in but not ask: it lacks `{right}`.',
                "Give its section `read = system,call,agent,dialplan` and `write = reporting`, "
                "then `asterisk -rx 'manager reload'`.",
            )

    def _ask(self, what: str, action: str) -> str:
        self._asked += 1
        name = f"{self._nonce}-{what}"
        self._out.append(f"{action}ActionID: {name}\r\n\r\n".encode())
        return name


def _not_ami(what: str) -> Trouble:
    return Trouble(
        Cause.NOT_THIS_PBX,
        f"What listens there is no Asterisk manager interface: {what}.",
        "Check `[pbx] host`, `port` and `kind`; Asterisk's manager listens on 5038 unless manager.conf says otherwise.",
    )
