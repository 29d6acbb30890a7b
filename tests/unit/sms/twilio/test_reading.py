"""Twilio's answers read into our words, the friendly and the hostile ones."""

import json
import sqlite3
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.answers import LONGEST_WAIT, date_of, json_object, utc_day, wait_of
from sms.provider import Accepted, Fault, NotSent, Refused, Unknown
from sms.twilio.reading import fate_of, inbound_of, status_of
from storage.vocabulary import TextState

SID = "SM" + "a" * 32
NOON = 1_750_000_000.0  # 2025-06-15 15:06:40 UTC


def fate(status: int, body: object, retry_after: float | None = None) -> object:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return fate_of(status, content, retry_after, "")


def message(**fields: object) -> Mapping[str, object]:
    return {
        "sid": SID,
        "direction": "inbound",
        "from": "+12025550143",
        "to": "+13125550100",
        "body": "Tuesday",
        "status": "received",
        "date_sent": "Sun, 15 Jun 2025 15:06:40 +0000",
        "num_media": "0",
    } | fields


def test_a_201_with_an_id_is_accepted_with_segments_and_twilios_own_time() -> None:
    body = {"sid": SID, "num_segments": "2", "date_created": "Sun, 15 Jun 2025 15:06:40 +0000"}
    assert fate(201, body) == Accepted(SID, segments=2, at=NOON)


def test_a_service_that_has_picked_no_sender_yet_tells_no_segments() -> None:
    assert fate(201, {"sid": SID, "num_segments": "0"}) == Accepted(SID, segments=None, at=None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"<html>",
        b'{"sid": 5}',
        b'{"sid": ""}',
        b'{"sid": "../../x?"}',
        b'{"sid": "SM',
        b"\xff\xfe",
        b"[" * 50_000,
        b'{"sid": ' + b"9" * 60_000 + b"}",
        b'{"sid": "\\ud800"}',
    ],
)
def test_a_2xx_we_cannot_read_may_have_been_taken(body: bytes) -> None:
    assert isinstance(fate(201, body), Unknown)


@pytest.mark.parametrize("status", [100, 301, 307, 308, 400, 408, 409, 413, 499, 500, 502, 503, 504, 599])
def test_any_other_answer_without_a_readable_reason_may_have_been_taken(status: int) -> None:
    assert isinstance(fate(status, b"<html>Bad Gateway</html>"), Unknown)


def test_a_server_error_with_a_reason_may_have_been_taken_all_the_same() -> None:
    assert isinstance(fate(500, {"code": 21610, "message": "x", "status": 500}), Unknown)


def test_a_refusal_carries_class_code_and_twilios_sentence() -> None:
    body = {"code": 21614, "message": "'To' number is not\na valid mobile \x1b[31mnumber", "status": 400}
    refused = fate(400, body)
    assert isinstance(refused, Refused)
    assert (refused.fault, refused.code) == (Fault.NO_TEXTS, "21614")
    assert refused.message == "'To' number is not a valid mobile  [31mnumber"
    assert refused.no_texts_seconds == 365 * 86400


def test_the_newer_error_shape_is_read_too() -> None:
    refused = fate(400, {"type": "x", "title": "Bad", "detail": "No such thing", "status": 400, "code": 21211})
    assert isinstance(refused, Refused)
    assert (refused.fault, refused.message) == (Fault.BAD_NUMBER, "No such thing")


def test_a_code_nobody_told_us_of_is_a_final_refusal() -> None:
    refused = fate(400, {"code": 29999, "message": "new"})
    assert isinstance(refused, Refused) and refused.fault is Fault.OTHER


def test_a_401_is_the_account_whatever_its_code() -> None:
    refused = fate(401, {"code": 29999, "message": "new"})
    assert isinstance(refused, Refused) and refused.fault is Fault.ACCOUNT


@pytest.mark.parametrize("status", [401, 403, 404, 405, 407])
def test_a_wrong_address_or_a_proxy_in_between_is_an_account_trouble_to_alarm_about(status: int) -> None:
    refused = fate(status, b"<html>nginx</html>")
    assert isinstance(refused, Refused) and (refused.fault, refused.code) == (Fault.ACCOUNT, str(status))


@pytest.mark.parametrize(
    ("status", "body"),
    [(429, b"<html>"), (429, {"code": 20429}), (429, {"code": 63038}), (400, {"code": 20429}), (400, {"code": 21611})],
)
def test_not_processed_may_be_tried_again(status: int, body: object) -> None:
    assert isinstance(fate(status, body), NotSent)


def test_the_wait_is_the_headers_else_the_codes() -> None:
    told, untold = fate(429, {"code": 20429}, retry_after=7.0), fate(400, {"code": 21611})
    assert isinstance(told, NotSent) and told.retry_after == 7.0
    assert isinstance(untold, NotSent) and untold.retry_after == 60.0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3.0),
        (" 120 ", 120.0),
        ("0", 0.0),
        ("999999999", LONGEST_WAIT),
        ("Sun, 15 Jun 2025 15:06:55 GMT", 15.0),
        ("Sun, 15 Jun 2025 15:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_WAIT),
        ("-3", None),
        ("inf", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("٣", None),
        ("9" * 5000, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_never_more_than_an_hour(
    header: str | None, seconds: float | None
) -> None:
    assert wait_of(header, NOON) == seconds


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "Sun, 99 Jun 2025 15:06:40 +0000", "0", "Mon, 1 Jan 0000 00:00 +9999"]
)
def test_a_date_that_is_none_is_no_date(text: str) -> None:
    assert date_of(text) is None


@pytest.mark.parametrize(
    ("word", "state", "final"),
    [
        ("accepted", TextState.ACCEPTED, False),
        ("queued", TextState.ACCEPTED, False),
        ("sending", TextState.ACCEPTED, False),
        ("sent", TextState.SENT, False),
        ("delivered", TextState.DELIVERED, True),
        ("undelivered", TextState.FAILED, True),
        ("failed", TextState.FAILED, True),
        ("canceled", TextState.FAILED, True),
        ("a_word_of_next_year", TextState.ACCEPTED, False),
    ],
)
def test_how_a_text_stands(word: str, state: TextState, final: bool) -> None:
    status = status_of({"sid": SID, "status": word, "error_code": None})
    assert status is not None and (status.state, status.final) == (state, final)


def test_a_failure_tells_why_and_for_how_long_to_leave_the_number_alone() -> None:
    status = status_of({"sid": SID, "status": "undelivered", "error_code": 30006})
    assert status is not None
    assert (status.fault, status.code, status.no_texts_seconds) == (Fault.NO_TEXTS, "30006", 365 * 86400)


def test_a_failure_without_a_code_is_of_no_class_and_a_success_of_none_at_all() -> None:
    failed, sent = status_of({"sid": SID, "status": "failed"}), status_of({"sid": SID, "status": "sent"})
    assert failed is not None and failed.fault is Fault.OTHER
    assert sent is not None and sent.fault is None


def test_a_text_that_outlived_its_validity_is_expired_not_failed() -> None:
    status = status_of({"sid": SID, "status": "failed", "error_code": "30036"})
    assert status is not None and (status.state, status.fault) == (TextState.EXPIRED, Fault.EXPIRED)


def test_price_and_segments_are_kept_once_twilio_tells_them() -> None:
    early = status_of({"sid": SID, "status": "sent", "price": None, "num_segments": "0"})
    late = status_of({"sid": SID, "status": "delivered", "price": "-0.00790", "num_segments": "2"})
    assert early is not None and (early.price, early.segments) == (None, None)
    assert late is not None and (late.price, late.segments) == ("-0.00790", 2)


@pytest.mark.parametrize("content", [{}, {"sid": SID}, {"status": "sent"}, {"sid": 7, "status": "sent"}])
def test_what_is_no_message_has_no_status(content: Mapping[str, object]) -> None:
    assert status_of(content) is None


def test_a_received_text_with_its_body_untouched() -> None:
    text = inbound_of(message(body="  STOP \n", num_media="2"))
    assert text is not None
    assert (text.sid, text.sender, text.to, text.at) == (SID, "+12025550143", "+13125550100", NOON)
    assert (text.body, text.media) == ("  STOP \n", 2)
    assert json.loads(text.raw)["body"] == "  STOP \n"


def test_a_picture_without_words_is_a_text_with_an_empty_body() -> None:
    text = inbound_of(message(body=None, num_media="1"))
    assert text is not None and (text.body, text.media) == ("", 1)


def test_half_a_character_can_still_be_stored() -> None:
    text = inbound_of(message(body="stop \ud83d"))
    assert text is not None
    stored = sqlite3.connect(":memory:").execute("select ?, ?", (text.body, text.raw)).fetchone()
    assert stored[0] == "stop ?"


@pytest.mark.parametrize(
    "fields",
    [
        {"direction": "outbound-api"},
        {"status": "failed", "error_code": 30039},
        {"from": None},
        {"to": 5},
        {"sid": "no/sid"},
        {"date_sent": None},
    ],
)
def test_what_is_no_received_text(fields: Mapping[str, object]) -> None:
    assert inbound_of(message(**fields)) is None


def test_days_are_utc() -> None:
    assert utc_day(NOON) == "2025-06-15"
    assert utc_day(-5.0) == "1970-01-01"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda part: st.lists(part) | st.dictionaries(st.text(), part),
    max_leaves=10,
)
fields = st.sampled_from(
    [
        "sid",
        "status",
        "code",
        "message",
        "from",
        "to",
        "body",
        "date_sent",
        "date_created",
        "num_segments",
        "price",
        "error_code",
        "direction",
        "num_media",
    ]
)
words = st.sampled_from(["inbound", "failed", SID, "undelivered", "Sun, 15 Jun 2025 15:06:40 +0000", "30006"])


@given(st.integers(100, 599), st.binary(max_size=200) | st.dictionaries(fields, json_values | words).map(json.dumps))
def test_no_answer_at_all_makes_a_fate_raise(status: int, body: bytes | str) -> None:
    content = body if isinstance(body, bytes) else body.encode()
    fate = fate_of(status, content, None, "")
    assert isinstance(fate, Accepted | Refused | NotSent | Unknown)
    if status >= 500:
        assert isinstance(fate, Unknown)


@given(st.dictionaries(fields, json_values | words))
def test_no_message_at_all_makes_a_reader_raise(content: dict[str, object]) -> None:
    read = json_object(json.dumps(content).encode())
    assert read is not None
    status, text = status_of(read), inbound_of(read)
    for raw in [part.raw for part in (status, text) if part is not None]:
        raw.encode()
