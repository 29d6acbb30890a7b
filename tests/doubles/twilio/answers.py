"""What Twilio reads out of the answer to a received text: texts that it then sends, or a mistake for its debugger.

Every word in an answer is a risk: `text/plain` is sent as it is, whatever it was meant for.
(https://www.twilio.com/docs/messaging/twiml)
"""

from dataclasses import dataclass
from xml.etree import ElementTree

NO_SUCH_TYPE, NO_XML = 12300, 12100
_AS_TWIML = frozenset(["text/xml", "application/xml", "text/html"])


@dataclass(frozen=True, slots=True)
class Answer:
    """What a webhook answered in the end."""

    status: int
    content_type: str
    body: bytes


def texts_in(answer: Answer) -> list[str] | int:
    """The texts that a 2xx answer orders, or the code of the error in it."""
    words = answer.body.decode("utf-8", "replace")
    if not words.strip():
        return []
    if answer.content_type == "text/plain":
        return [words]
    if answer.content_type not in _AS_TWIML:
        return NO_SUCH_TYPE
    try:
        root = ElementTree.fromstring(answer.body)
    except ElementTree.ParseError:
        return NO_XML
    texts = [_words_of(verb) for verb in root if verb.tag in ("Message", "Sms")]
    return [text for text in texts if text]


def _words_of(verb: ElementTree.Element) -> str:
    body = verb.find("Body")
    return "".join((verb if body is None else body).itertext()).strip()
