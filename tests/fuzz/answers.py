"""What a provider, or whoever answers in its place, may say."""

from sms.answers import LONGEST_WAIT, date_of, json_object, utc_day, wait_of
from sms.provider import Accepted, NotSent, ProviderTrouble, Refused, Unknown
from sms.twilio.poll import messages_of
from sms.twilio.reading import fate_of, inbound_of, is_that_text, status_of, trouble_of

STATUSES = (200, 201, 204, 301, 400, 401, 403, 404, 409, 429, 500, 502, 503, 599)


def answer(data: bytes) -> None:
    """Byte 0 the status, then the body; read as every kind of answer there is."""
    if not data:
        return
    status, content = STATUSES[data[0] % len(STATUSES)], data[1:]
    fate = fate_of(status, content, None, "")
    assert isinstance(fate, Accepted | Refused | NotSent | Unknown)
    if status >= 500:
        assert isinstance(fate, Unknown), "a 5xx may have been taken"
    if isinstance(fate, NotSent):
        assert 400 <= status < 500, "only a refusal to process is safe to repeat"
    assert "\n" not in trouble_of(status, content)
    words = content[:200].decode("utf-8", "replace")
    wait = wait_of(words, 1_795_510_000.0)
    assert wait is None or 0.0 <= wait <= LONGEST_WAIT
    date_of(words)
    page = json_object(content)
    if page is None:
        return
    try:
        messages = [page, *messages_of(page)]
    except ProviderTrouble:
        messages = [page]
    for message in messages:
        status_of(message)
        is_that_text(message, "+12025550143", "Hi", 0.0)
        reply = inbound_of(message)
        if reply is not None:
            reply.body.encode()
            utc_day(reply.at)


SEEDS = [
    b'\x01{"sid":"SM00000000000000000000000000000001","status":"queued","num_segments":"1","error_code":null,'
    b'"date_created":"Tue, 24 Nov 2026 06:41:26 +0000","direction":"outbound-api","to":"+12025550143","body":"Hi"}',
    b'\x04{"code":21610,"message":"Attempt to send to unsubscribed recipient","more_info":"x","status":400}',
    b'\x09{"code":20429,"message":"Too Many Requests","status":429}',
    b"\x0b<html><title>502</title></html>",
    b'\x00{"messages":[{"sid":"SM00000000000000000000000000000002","direction":"inbound","from":"+12025550143",'
    b'"to":"+13125550100","body":"STOP","date_sent":"Tue, 24 Nov 2026 06:41:26 +0000","num_media":"0",'
    b'"status":"received","price":"-0.00790"}],"next_page_uri":"/2010-04-01/x?Page=1&PageToken=PASM1"}',
    b'\x05{"type":"x","title":"Unauthorized","status":401,"code":20003,"detail":"no"}',
    b'\x00{"a":' + b"[" * 200 + b"]" * 200 + b"}",
]
