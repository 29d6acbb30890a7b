"""Telnyx's answers and events read into our words, the friendly and the hostile ones."""

import json
import sqlite3
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.provider import Accepted, Fault, NotSent, Refused, Unknown
from sms.telnyx.reading import data_of, fate_of, inbound_of, is_about_key, is_to, status_of, trouble_of
from storage.vocabulary import TextState

ID = "40385f64-5717-4562-b3fc-2c963f66afa6"
REF = "0123456789abcdef0123456789abcdef"
NOON = 1_750_000_000.0  # 2025-06-15 15:06:40 UTC


def fate(status: int, body: object, retry_after: float | None = None) -> object:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return fate_of(status, content, retry_after, "")


def error(code: object, title: str = "No", detail: str = "Because.") -> Mapping[str, object]:
    return {"errors": [{"code": code, "title": title, "detail": detail}]}


def outbound(**fields: object) -> Mapping[str, object]:
    return {
        "id": ID,
        "direction": "outbound",
        "from": {"phone_number": "+13125550100"},
        "to": [{"phone_number": "+12025550143", "status": "queued"}],
        "parts": 1,
        "errors": [],
        "cost": None,
        "webhook_url": f"https://pbx.example/hooks/sms?m={REF}",
        "received_at": "2025-06-15T15:06:40.000+00:00",
    } | fields


def standing(word: object) -> list[Mapping[str, object]]:
    return [{"phone_number": "+12025550143", "status": word}]


def inbound(**fields: object) -> Mapping[str, object]:
    return {
        "id": ID,
        "direction": "inbound",
        "from": {"phone_number": "+12025550143", "carrier": "T-MOBILE USA, INC."},
        "to": [{"phone_number": "+13125550100", "status": "webhook_delivered"}],
        "text": "Tuesday",
        "media": [],
        "received_at": "2025-06-15T15:06:40.500+00:00",
    } | fields


def test_a_200_with_an_id_is_accepted_with_parts_and_telnyxs_own_time() -> None:
    assert fate(200, {"data": outbound(parts=2)}) == Accepted(ID, segments=2, at=NOON)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"<html>",
        b"{}",
        b'{"data": []}',
        b'{"data": {"id": 5}}',
        b'{"data": {"id": "../../x?"}}',
        b'{"data": {"id": "4038',
        b"\xff\xfe",
        b"[" * 50_000,
        b'{"data": {"id": "\\ud800"}}',
    ],
)
def test_a_2xx_we_cannot_read_may_have_been_taken(body: bytes) -> None:
    assert isinstance(fate(200, body), Unknown)


@pytest.mark.parametrize("status", [100, 301, 308, 400, 408, 409, 413, 422, 500, 502, 503, 504, 599])
def test_any_other_answer_without_a_readable_reason_may_have_been_taken(status: int) -> None:
    assert isinstance(fate(status, b"<html>Bad Gateway</html>"), Unknown)


@pytest.mark.parametrize(("status", "code"), [(500, "40300"), (503, "10016"), (408, "10008"), (400, "10007")])
def test_a_failure_of_theirs_may_have_been_taken_whatever_its_reason(status: int, code: str) -> None:
    assert isinstance(fate(status, error(code)), Unknown)


@pytest.mark.parametrize("status", [409, 422])
def test_a_refusal_because_of_the_key_means_that_a_text_has_been_or_is_being_taken(status: int) -> None:
    body = error("10027", "Unprocessable Entity", "This Idempotency-Key was used with a different request.")
    assert isinstance(fate(status, body), Unknown)


def test_a_refusal_carries_class_code_and_telnyxs_sentence() -> None:
    refused = fate(400, error("40300", "Blocked due to STOP message", "Blocked\nby a \x1b[31mrule"))
    assert refused == Refused(Fault.OPTED_OUT, "40300", "Blocked by a  [31mrule")


def test_a_code_may_also_be_a_number() -> None:
    refused = fate(422, error(40309))
    assert isinstance(refused, Refused) and (refused.fault, refused.code) == (Fault.COUNTRY, "40309")


@pytest.mark.parametrize("status", [401, 403, 404, 405, 407])
def test_a_door_that_is_shut_without_a_code_is_the_accounts_or_addresss_fault(status: int) -> None:
    refused = fate(status, b"<html>")
    assert isinstance(refused, Refused) and refused.fault is Fault.ACCOUNT


def test_slow_down_is_not_sent_after_the_time_they_name_or_a_usual_one() -> None:
    assert fate(429, error("10011"), retry_after=7.0) == NotSent(
        "Telnyx asks us to slow down (429, code 10011): Because.", 7.0
    )
    usual = fate(429, error("10011"))
    assert isinstance(usual, NotSent) and usual.retry_after == 1.0
    full = fate(400, error("40318"))
    assert isinstance(full, NotSent) and full.retry_after == 60.0


@pytest.mark.parametrize(
    ("status", "body", "about_key"),
    [
        (422, error("10027", "Unprocessable Entity", "This Idempotency-Key was used with a different request."), True),
        (422, error("10027", "Idempotency error", ""), True),
        (422, error("10027", "Unprocessable Entity", "The 'to' parameter is required."), False),
        (422, error("10004", "Missing required parameter"), False),
        (400, error("10015", "Bad Request", "The Idempotency-Key header is invalid."), False),
        (409, error("10036", "Conflict", "A request with this Idempotency-Key is in progress."), False),
        (422, {"errors": "idempotency"}, False),
        (200, {"data": {"text": "idempotency"}}, False),
    ],
)
def test_only_a_422_that_names_the_key_says_that_the_key_is_taken(status: int, body: object, about_key: bool) -> None:
    assert is_about_key(status, json.dumps(body).encode()) is about_key


@pytest.mark.parametrize(
    ("word", "state", "final"),
    [
        ("queued", TextState.ACCEPTED, False),
        ("sending", TextState.ACCEPTED, False),
        ("sent", TextState.SENT, False),
        ("delivered", TextState.DELIVERED, True),
        ("delivery_unconfirmed", TextState.SENT, True),
        ("sending_failed", TextState.FAILED, True),
        ("delivery_failed", TextState.FAILED, True),
        ("expired", TextState.EXPIRED, True),
        ("a word of tomorrow", TextState.ACCEPTED, False),
    ],
)
def test_each_status_word_has_its_state(word: str, state: TextState, final: bool) -> None:
    status = status_of(outbound(to=standing(word)))
    assert status is not None and (status.state, status.final, status.ref) == (state, final, REF)


def test_a_failure_names_its_class_and_how_long_the_number_is_left_alone() -> None:
    status = status_of(outbound(to=standing("delivery_failed"), **error("40001")))
    assert status is not None
    assert (status.fault, status.code) == (Fault.NO_TEXTS, "40001") and status.no_texts_seconds is not None


def test_a_failure_without_a_reason_is_of_no_class() -> None:
    status = status_of(outbound(to=standing("sending_failed")))
    assert status is not None and (status.fault, status.code) == (Fault.OTHER, None)


@pytest.mark.parametrize("code", ["40005", "40014"])
def test_what_waited_too_long_is_expired(code: str) -> None:
    status = status_of(outbound(to=standing("sending_failed"), **error(code)))
    assert status is not None and (status.state, status.fault) == (TextState.EXPIRED, Fault.EXPIRED)


def test_an_error_beside_a_text_that_went_out_blames_nobody() -> None:
    status = status_of(outbound(to=standing("delivery_unconfirmed"), **error("40010")))
    assert status is not None
    assert (status.state, status.fault, status.code, status.no_texts_seconds) == (TextState.SENT, None, "40010", None)


def test_the_cost_is_kept_as_money_spent() -> None:
    costly = status_of(outbound(cost={"amount": "0.0051", "currency": "USD"}))
    assert costly is not None and costly.price == "-0.0051"
    strange = status_of(outbound(cost={"amount": "1e3"}))
    assert strange is not None and strange.price is None


@pytest.mark.parametrize(
    "url", [None, 5, "", "https://pbx.example/?m=short", "https://[/?m=" + REF, "https://x/?" + "a=1&" * 50]
)
def test_our_own_id_is_taken_from_our_own_address_only(url: object) -> None:
    status = status_of(outbound(webhook_url=url))
    assert status is not None and status.ref is None


def test_a_received_text_is_read_with_its_pictures_counted() -> None:
    text = inbound_of(inbound(media=[{"url": "https://…"}, {"url": "https://…"}]), 0.0)
    assert text is not None
    assert (text.sid, text.sender, text.to, text.body) == (ID, "+12025550143", "+13125550100", "Tuesday")
    assert (text.at, text.media) == (NOON + 0.5, 2)


def test_a_received_text_without_a_time_is_of_the_time_given() -> None:
    for received_at in (None, "yesterday", "2025-06-15", "2025-06-15T15:06:40"):
        text = inbound_of(inbound(received_at=received_at), NOON + 9)
        assert text is not None and text.at == NOON + 9


@pytest.mark.parametrize(
    "fields",
    [
        {"direction": "outbound"},
        {"from": None},
        {"from": "+12025550143"},
        {"to": []},
        {"to": [5]},
        {"id": 7},
        {"id": "x"},
    ],
)
def test_what_is_no_received_text_is_none(fields: Mapping[str, object]) -> None:
    assert inbound_of(inbound(**fields), NOON) is None


def test_only_an_outbound_message_to_the_number_is_to_it() -> None:
    assert is_to(outbound(), "+12025550143")
    assert not is_to(outbound(), "+12025550144")
    assert not is_to(inbound(), "+13125550100")


def test_a_refused_question_says_what_to_do() -> None:
    words = trouble_of(401, json.dumps(error("10009", detail="The key is unknown.")).encode())
    assert words == "Telnyx refuses the credentials (401: The key is unknown.); check the API key in [sms] auth_token"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = st.dictionaries(
    st.sampled_from(sorted({*outbound(), *inbound(), "parts", "cost", "payload", "data", "errors"})), _JSON
)


@given(_FIELDS)
def test_no_object_whatever_makes_a_reader_raise_and_what_it_gives_can_be_stored(fields: Mapping[str, object]) -> None:
    db = sqlite3.connect(":memory:")
    for message in (outbound(**fields), inbound(**fields)):
        status, text = status_of(message), inbound_of(message, NOON)
        is_to(message, "+12025550143")
        if status is not None:
            db.execute("SELECT ?, ?, ?, ?", (status.sid, status.code, status.price, status.raw))
        if text is not None:
            db.execute("SELECT ?, ?, ?, ?, ?", (text.sid, text.sender, text.to, text.body, text.raw))
    db.close()


@given(st.integers(100, 599), st.binary() | _JSON.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_whatever_make_a_reader_raise(status: int, content: bytes) -> None:
    answered = fate_of(status, content, None, "")
    assert isinstance(answered, Accepted | Refused | NotSent | Unknown)
    assert status < 500 or isinstance(answered, Unknown)
    data_of(content)
    is_about_key(status, content)
    assert trouble_of(status, content)


def test_a_message_nested_without_end_is_read_all_the_same() -> None:
    deep: object = []
    for _ in range(50_000):
        deep = [deep]
    status = status_of(outbound(cc=deep))
    assert status is not None and status.raw == ""
