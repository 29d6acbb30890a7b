"""The lab's own eyes: what SIPp's message trace says happened."""

from pathlib import Path

from tests.lab.sipp import Sipp, Truth


def trace(tmp_path: Path, *messages: str) -> Sipp:
    """A SIPp whose trace holds these messages (way, first line, method, and Call-ID if not "one"), a second apart."""
    text = ""
    for second, message in enumerate(messages):
        way, first, method, call_id = (*message.split(), "one")[:4]
        sent = "message sent (99 bytes):" if way == ">" else "message received [99] bytes :"
        line = f"SIP/2.0 {first} Whatever" if first.isdigit() else f"{first} sip:+13125550110@127.64.0.1 SIP/2.0"
        text += (
            f"----------------------------------------------- 2026-03-04 10:00:{second:02}.250000\nUDP {sent}\n\n"
            f"{line}\r\nCall-ID: {call_id}\r\nCSeq: 1 {method}\r\n\r\n"
        )
    (tmp_path / "x.msg").write_text(text)
    return Sipp("", "127.64.1.1", "127.64.0.1", tmp_path, "x")


def after(truth: Truth, moment: float | None) -> float | None:
    return None if moment is None else moment - truth.invited


def test_an_answered_call(tmp_path: Path) -> None:
    (truth,) = trace(
        tmp_path,
        *("> INVITE INVITE", "< 100 INVITE", "< 180 INVITE", "< 200 INVITE", "> ACK ACK", "> BYE BYE", "< 200 BYE"),
    ).truths()
    assert (after(truth, truth.rang), after(truth, truth.answered), after(truth, truth.over)) == (2, 3, 5)
    assert truth.final == 200 and truth.bye_sent and truth.cancelled is None


def test_the_caller_gives_up(tmp_path: Path) -> None:
    (truth,) = trace(
        tmp_path, "> INVITE INVITE", "< 180 INVITE", "> CANCEL CANCEL", "< 200 CANCEL", "< 487 INVITE", "> ACK ACK"
    ).truths()
    assert (truth.final, truth.answered, truth.bye) == (487, None, None)
    assert (after(truth, truth.cancelled), after(truth, truth.over)) == (2, 4)


def test_a_refusal(tmp_path: Path) -> None:
    (truth,) = trace(tmp_path, "< INVITE INVITE", "> 486 INVITE", "< ACK ACK").truths()
    assert (truth.final, truth.rang, truth.answered, after(truth, truth.over)) == (486, None, None, 1)


def test_two_calls_of_one_phone_are_kept_apart(tmp_path: Path) -> None:
    first, second = trace(
        tmp_path, "< INVITE INVITE a", "< INVITE INVITE b", "> 180 INVITE b", "> 200 INVITE a", "> 486 INVITE b"
    ).truths()
    assert (first.answered is not None, first.rang, second.final) == (True, None, 486)


def test_a_call_that_goes_on(tmp_path: Path) -> None:
    (truth,) = trace(tmp_path, "> INVITE INVITE", "< 183 INVITE").truths()
    assert truth.early_media and truth.over is None
