"""The SIPp scenarios: XML for a caller, a phone and a transfer, built from what they are to do.

Two things to know about SIPp 3.6: a `recv` with `timeout` and `ontimeout` is the only pause in which a CANCEL or BYE
may arrive, and in a group of optional `recv`s each needs both.
"""

from dataclasses import dataclass
from xml.sax.saxutils import escape

FOR_EVER = 120.0
PROVISIONAL = (100, 180, 181, 182, 183)
REFUSALS = (302, 400, 403, 404, 408, 410, 480, 484, 486, 487, 488, 500, 501, 502, 503, 504, 600, 603, 604, 606)

SDP = """v=0
o=lab 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [{port}] RTP/AVP 0
a=rtpmap:0 PCMU/8000
"""


@dataclass(frozen=True, slots=True)
class Talk:
    """So many seconds of conversation, cut short if the other side hangs up."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Press:
    """A key of the keypad, sent by INFO."""

    digit: str


Step = Talk | Press


@dataclass(frozen=True, slots=True)
class CallerPlan:
    """What a caller does. `gives_up` and the Talk steps are in seconds; who has no steps left hangs up.

    `user` is the user part of the From header as it goes over the wire, `name` its display name, `headers` more
    header lines (P-Asserted-Identity, Privacy). `gives_up` counts from the last provisional answer.
    """

    user: str
    number: str
    gives_up: float | None = None
    steps: tuple[Step, ...] = (Talk(2),)
    name: str = ""
    headers: tuple[str, ...] = ()
    audio: str = ""


@dataclass(frozen=True, slots=True)
class PhonePlan:
    """What a phone does with each call: say `ringing` (180, 183 or nothing), then `final` after `after` seconds.

    `final` 200 answers and goes through `steps`, then hangs up; another code refuses; None rings on until cancelled.
    """

    ringing: int | None = 180
    final: int | None = None
    after: float = 0.0
    steps: tuple[Step, ...] = (Talk(FOR_EVER),)
    headers: tuple[str, ...] = ()
    audio: str = ""


def caller(plan: CallerPlan) -> str:
    """The scenario of one call placed."""
    sdp = SDP.format(port="rtpstream_audio_port" if plan.audio else "media_port")
    name = f'"{plan.name}" ' if plan.name else ""
    me = f"From: {name}<sip:{plan.user}@[local_ip]>;tag=[pid]c[call_number]"
    line = f"sip:{plan.number}@[remote_ip]:[remote_port]"
    invite = _request("INVITE", line, me, f"To: <{line}>", 1, ("Supported: replaces", *plan.headers), sdp)
    dialog = _Dialog(me, "[last_To:]", plan.audio)
    wait = plan.gives_up if plan.gives_up is not None else FOR_EVER
    answers = "".join(_response(code, wait, "cancel", "1") for code in PROVISIONAL)
    answers += "".join(_response(code, wait, "cancel", "2") for code in REFUSALS)
    return _scenario(
        _send(invite, retrans=True)
        + _label("1") + answers
        + f'<recv response="200" rrs="true" timeout="{_ms(wait)}" ontimeout="{_id("cancel")}" next="3"/>\n'
        + _label("cancel")
        + _send(
            f"CANCEL {line} SIP/2.0\n[last_Via:]\n{me}\nTo: <{line}>\n[last_Call-ID:]\nCSeq: 1 CANCEL\n"
            "Max-Forwards: 70\nContent-Length: 0\n"
        )
        + '<recv response="200" optional="true" timeout="20000" ontimeout="9"/>\n'
        + '<recv response="487" timeout="20000" ontimeout="9" next="2"/>\n'
        + _label("2")
        + _send(
            f"ACK {line} SIP/2.0\n[last_Via:]\n{me}\n[last_To:]\n[last_Call-ID:]\nCSeq: 1 ACK\n"
            "Max-Forwards: 70\nContent-Length: 0\n", then="9",
        )
        + _label("3")
        + _send(_in_dialog("ACK", "[next_url]", me, "[last_To:]", 1))
        + dialog.steps(plan.steps)
    )  # fmt: skip


def phone(plan: PhonePlan) -> str:
    """The scenario of a phone that is called, once per call."""
    sdp = SDP.format(port="rtpstream_audio_port" if plan.audio else "media_port")
    keep = "".join(
        f'<ereg regexp=".*" search_in="hdr" header="{header}:" assign_to="{var}"/>'
        for header, var in (("From", "them"), ("To", "me"))
    ) + '<ereg regexp="sip:[^>;]*" search_in="hdr" header="Contact:" assign_to="target"/>'  # fmt: skip
    text = f'<recv request="INVITE"><action>{keep}</action></recv>\n'
    text += '<nop><action><log message="[$them][$me][$target]"/></action></nop>\n'
    if plan.ringing is not None:
        text += _send(_reply(f"{plan.ringing} Ringing", tag=True, body=sdp if plan.ringing == 183 else ""))
    if plan.final is not None and plan.after == 0:
        text += _final(plan, sdp)
    else:
        wait = plan.after if plan.final is not None else FOR_EVER
        text += f'<recv request="CANCEL" timeout="{_ms(wait)}" ontimeout="4" next="5"/>\n'
        text += _label("4") + (_final(plan, sdp) if plan.final is not None else _jump("9"))
    dialog = _Dialog("From:[$me];tag=[pid]p[call_number]", "To:[$them]", plan.audio, target="[$target]")
    if plan.final == 200:
        text += dialog.steps(plan.steps)
    text += _label("5") + _send(_reply("200 OK", tag=True))
    text += _send(_reply("487 Request Terminated", tag=True, cseq="CSeq: [last_cseq_number] INVITE"))
    return _scenario(text + '<recv request="ACK" timeout="5000" ontimeout="9"/>\n')


def transfer(me: str, them: str, target: str, refer_to: str) -> str:
    """A REFER inside a dialog that another SIPp holds: `me` and `them` are its From and To with their tags."""
    request = (
        f"REFER {target} SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
        f"From: {me}\nTo: {them}\nCall-ID: [call_id]\nCSeq: 77 REFER\n"
        "Contact: <sip:lab@[local_ip]:5060>\nMax-Forwards: 70\n"
        f"Refer-To: <{refer_to}>\nReferred-By: <sip:lab@[local_ip]>\nContent-Length: 0\n"
    )
    return _scenario(
        _send(request, retrans=True)
        + '<recv response="100" optional="true"/>\n<recv response="202" timeout="5000" ontimeout="9"/>\n'
    )


class _Dialog:
    """The answered part of a call: the steps, then our BYE; or theirs."""

    def __init__(self, me: str, them: str, audio: str, target: str = "[next_url]") -> None:
        self._me, self._them, self._target = me, them, target
        self._audio = audio

    def steps(self, steps: tuple[Step, ...]) -> str:
        text = ""
        if self._audio:
            text += f'<nop><action><exec rtp_stream="{escape(self._audio)},-1,0"/></action></nop>\n'
        cseq, label = 2, 100
        for step in steps:
            match step:
                case Talk(seconds):
                    text += f'<recv request="BYE" timeout="{_ms(seconds)}" ontimeout="{label}" next="8"/>\n'
                    text += _label(str(label))
                case Press(digit):
                    body = f"Signal={digit}\nDuration=160\n"
                    text += _send(self._request("INFO", cseq, body, "application/dtmf-relay"), retrans=True)
                    text += '<recv response="200" timeout="5000" ontimeout="9"/>\n'
                    cseq += 1
            label += 1
        text += _send(self._request("BYE", cseq), retrans=True)
        text += '<recv response="200" timeout="5000" ontimeout="9" next="9"/>\n'
        return text + _label("8") + _send(_reply("200 OK"), then="9")

    def _request(self, method: str, cseq: int, body: str = "", kind: str = "") -> str:
        them = self._them
        return _in_dialog(method, self._target, self._me, them, cseq, body=body, kind=kind)


def _request(method: str, line: str, me: str, them: str, cseq: int, headers: tuple[str, ...], sdp: str) -> str:
    more = "".join(f"{h}\n" for h in headers)
    return (
        f"{method} {line} SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
        f"{me}\n{them}\nCall-ID: [call_id]\nCSeq: {cseq} {method}\n"
        f"Contact: <sip:lab@[local_ip]:[local_port]>\nMax-Forwards: 70\n{more}"
        f"Content-Type: application/sdp\nContent-Length: [len]\n\n{sdp}"
    )


def _in_dialog(method: str, target: str, me: str, them: str, cseq: int, *, body: str = "", kind: str = "") -> str:
    text = (
        f"{method} {target} SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n"
        f"{me}\n{them}\nCall-ID: [call_id]\nCSeq: {cseq} {method}\n"
        "Contact: <sip:lab@[local_ip]:[local_port]>\nMax-Forwards: 70\n"
    )
    return text + (f"Content-Type: {kind}\nContent-Length: [len]\n\n{body}" if body else "Content-Length: 0\n")


def _reply(status: str, *, tag: bool = False, cseq: str = "[last_CSeq:]", body: str = "", more: str = "") -> str:
    contact = "Contact: <sip:lab@[local_ip]:[local_port]>\n"
    to = "[last_To:];tag=[pid]p[call_number]" if tag else "[last_To:]"
    text = f"SIP/2.0 {status}\n[last_Via:]\n[last_From:]\n{to}\n[last_Call-ID:]\n{cseq}\n{more or contact}"
    return text + (f"Content-Type: application/sdp\nContent-Length: [len]\n\n{body}" if body else "Content-Length: 0\n")


def _final(plan: PhonePlan, sdp: str) -> str:
    if plan.final == 200:
        return _send(_reply("200 OK", tag=True, body=sdp), retrans=True) + '<recv request="ACK"/>\n'
    more = "".join(f"{h}\n" for h in plan.headers)
    return _send(_reply(f"{plan.final} No", tag=True, more=more), retrans=True) + '<recv request="ACK" next="9"/>\n'


def _scenario(body: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="lab">\n{body}{_label("9")}</scenario>\n'


def _send(message: str, *, retrans: bool = False, then: str = "") -> str:
    attributes = (' retrans="500"' if retrans else "") + (f' next="{_id(then)}"' if then else "")
    return f"<send{attributes}><![CDATA[\n{message}\n]]></send>\n"


def _response(code: int, wait: float, on_timeout: str, then: str) -> str:
    return (
        f'<recv response="{code}" optional="true" timeout="{_ms(wait)}" ontimeout="{_id(on_timeout)}" '
        f'next="{_id(then)}"/>\n'
    )


def _label(name: str) -> str:
    return f'<label id="{_id(name)}"/>\n'


def _jump(name: str) -> str:
    return f'<nop next="{_id(name)}"/>\n'


def _id(name: str) -> str:
    return {"cancel": "7"}.get(name, name)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
