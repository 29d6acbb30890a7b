"""What callers and admins write: numbers, names, replies, messages."""

from sms.body import TemplateError, TextTooLong, Values, parse, render
from sms.keywords import bare_keyword, is_opt_out_word
from sms.lint import lint
from sms.names import caller_name, safe_name
from sms.numbers import mask, match_line, read_number
from sms.segments import measure

COUNTRIES = ("US", "CA", "GB", "DE", "JP", "AU", "FR", "BR")


def text_of(data: bytes) -> str:
    """As a header's value reaches us: wrong UTF-8 replaced, but lone surrogates may be there too."""
    return data.decode("utf-8", "surrogateescape" if data[:1] == b"\x00" else "replace")


def number(data: bytes) -> None:
    """A caller's number, whatever was sent as one."""
    raw, country = text_of(data[1:]), COUNTRIES[data[0] % len(COUNTRIES)] if data else "US"
    read = read_number(raw, country)
    if read.e164 is not None:
        assert read.e164[0] == "+" and read.e164[1:].isascii() and read.e164[1:].isdigit(), read
        assert len(read.e164) <= 18, read
        assert read_number(read.e164, country).e164 == read.e164, read
    if read.textable:
        assert read.e164 is not None and read.region is not None, read
    assert match_line("*", raw, country)
    match_line(raw, "+12025550101", country)
    match_line("+12025550101", raw, country)
    assert len(mask(raw)) <= 5


def name(data: bytes) -> None:
    """A caller's name, put into a message."""
    raw = text_of(data)
    safe, person = safe_name(raw), caller_name(raw)
    template = parse("Hi {first_name|there} ({caller_name|you}), this is {business}. STOP to opt out.")
    first, full = (person.first, person.full) if person else (raw, raw)
    body = render(template, Values("Acme Plumbing", first_name=first, caller_name=full))
    assert body.isprintable() and "Acme Plumbing" in body, body
    assert safe is None or safe.isprintable(), safe
    assert measure(body).segments >= 1


def message(data: bytes) -> None:
    """A message as an admin might write it."""
    source = text_of(data)
    try:
        template = parse(source)
        body = render(template, Values("Acme Plumbing", line="Main"))
    except (TemplateError, TextTooLong):
        return
    measure(body)
    for finding in lint(source, Values("Acme Plumbing", line="Main")):
        assert str(finding.code.value)


def reply(data: bytes) -> None:
    """What a caller writes back. A bare STOP is one, whatever stands around it."""
    said = text_of(data)
    bare_keyword(said)
    is_opt_out_word(said)
    measure(said)
    if not said.strip():
        assert bare_keyword("STOP" + said) is not None


SEEDS = {
    "number": [
        b"\x00+12025550143", b"\x00(202) 555-0143", b"\x002025550143", b"\x01anonymous", b"\x02+44 20 7946 0958",
        b"\x00tel:+1-202-555-0143;phone-context=x", b"\x00sip:2025550143@example.com", b"\x00Restricted",
        b"\x00+1202555014\r\n3", "\x00٢٠٢٥٥٥٠١٤٣".encode(), b"\x00266696687", b"\x00911", b"\x03030 901820",
    ],
    "name": [
        b"SMITH JOHN", b"WIRELESS CALLER", b"CHICAGO IL", b"O'Neil, Mary-Jane", b"Dr. med. Anna K", b"{first_name}",
        "Žofie Nováková".encode(), b"MACDONALD RON JR", b"A\r\nB", "👩‍👧 Kim".encode(),
    ],
    "message": [
        b"Hi {first_name|there}, this is {business}. Reply STOP to opt out.", b"{{}} {line}", b"{", b"}", b"{nobody}",
        "„Hallo“ – {business}… 👍🏽 STOP".encode(), b"FREE!!! http://bit.ly/x {business} STOP",
    ],
    "reply": [
        b"STOP", b"stop.", b"S T O P", b"S-T-O-P", b"Stop all!!", b"unsubscribe", "ＳＴＯＰ".encode(), b"START",
        b"HELP", "stop 🛑".encode(), b"don't stop by", b"\xef\xbb\xbfSTOP", b"ARRET", b"call 202 555 0143",
    ],
}  # fmt: skip
