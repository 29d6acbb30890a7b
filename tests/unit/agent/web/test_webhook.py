"""The webhook: what is proven is kept before it is answered, once; everything else is refused."""

import asyncio
import sqlite3
import uuid
from pathlib import Path

import pytest
from twilio.request_validator import RequestValidator

from agent.web import door
from agent.web.server import hook_url
from storage.queries import callers, texts
from storage.records import Move, NewText
from storage.vocabulary import OptOutSource, TextKind, TextState
from tests.doubles.twilio import TOKEN
from tests.unit.agent.web.office_on_the_web import ANNA, NEXT_TOKEN, PUBLIC, SHARED_KEY, reply, status, web_office

SID = "SM" + "a" * 32


async def is_put_out(reader: asyncio.StreamReader) -> bool:
    """Return once the connection is closed on us; whether that was all that came."""
    try:
        return await reader.read() == b""
    except ConnectionError:
        return True


class TestReplies:
    async def test_a_reply_is_kept_and_answered_with_nothing_that_could_reach_the_caller(self, tmp_path: Path) -> None:
        async with web_office(tmp_path) as office:
            code, answer = await office.post(reply("call me after 3 😀  "))
            assert (code, answer) == (200, '<?xml version="1.0" encoding="UTF-8"?><Response/>')
            assert await office.replies() == ["call me after 3 😀  "]

    async def test_posted_again_it_is_one(self, tmp_path: Path) -> None:
        async with web_office(tmp_path) as office:
            for _ in range(3):
                assert (await office.post(reply("hello")))[0] == 200
            assert await office.replies() == ["hello"]

    async def test_a_stop_takes_effect_before_it_is_answered_and_its_replay_not_again(self, tmp_path: Path) -> None:
        async with web_office(tmp_path) as office:
            await office.post(reply("STOP"))
            assert await office.ledger.read(callers.opt_out_in_force, ANNA) is not None
            await office.ledger.write(callers.lift_opt_out, ANNA, OptOutSource.ADMIN, "told us so by phone", 0.0)
            await office.post(reply("STOP"))
            assert await office.ledger.read(callers.opt_out_in_force, ANNA) is None

    async def test_many_at_once_are_all_kept(self, tmp_path: Path) -> None:
        async with web_office(tmp_path) as office:
            posts = [office.post(reply(f"text {n}", sid=f"SM{n:032}")) for n in range(200)]
            assert {code for code, _ in await asyncio.gather(*posts)} == {200}
            assert sorted(await office.replies()) == sorted(f"text {n}" for n in range(200))

    async def test_unknown_fields_and_blank_ones_are_kept_with_it(self, tmp_path: Path) -> None:
        async with web_office(tmp_path) as office:
            await office.post(reply("hi", Novelty="1", FromState=""))
            [row] = await office.ledger.read(lambda db: db.execute("SELECT raw FROM replies").fetchall())
            assert '["Novelty", "1"]' in row["raw"] and '["FromState", ""]' in row["raw"]

    async def test_on_a_full_disk_the_provider_is_told_to_come_again(self, tmp_path: Path) -> None:
        async with web_office(tmp_path) as office:
            office.fill_up = lambda: True
            assert (await office.post(reply("STOP")))[0] == 503
            office.fill_up = lambda: False
            assert (await office.post(reply("STOP")))[0] == 200
            assert await office.replies() == ["STOP"]

    async def test_one_that_can_not_be_kept_does_not_take_others_with_it(self, tmp_path: Path) -> None:
        async with web_office(tmp_path) as office:
            take, poison = office.receive, "SM" + "f" * 32

            def stumble(db: sqlite3.Connection, heard: object, now: float) -> object:
                if getattr(heard, "sid", "") == poison:
                    raise ValueError("a fault of ours")
                return take(db, heard, now)  # type: ignore[arg-type]

            office.receive = stumble  # type: ignore[method-assign, assignment]
            posts = [office.post(reply(f"{n}", sid=poison if n == 7 else f"SM{n:032}")) for n in range(20)]
            codes = [code for code, _ in await asyncio.gather(*posts)]
            assert codes.count(200) == 19 and codes[7] == 500
            assert len(await office.replies()) == 19


class TestProof:
    @pytest.mark.parametrize("secret", [NEXT_TOKEN, SHARED_KEY])
    async def test_while_tokens_are_rotated_both_count(self, tmp_path: Path, secret: str) -> None:
        async with web_office(tmp_path) as office:
            assert (await office.post(reply("hi"), secret=secret, sha256=secret == SHARED_KEY))[0] == 200

    @pytest.mark.parametrize("signature", ["", "bm9uc2Vuc2U=", "é", "a" * 5000])
    async def test_without_the_right_signature_nothing_is_kept(self, tmp_path: Path, signature: str) -> None:
        async with web_office(tmp_path) as office:
            assert (await office.post(reply("STOP"), signature=signature))[0] == 403
            assert await office.replies() == []

    async def test_a_signature_of_other_words_is_none(self, tmp_path: Path) -> None:
        signed = RequestValidator(TOKEN).compute_signature(hook_url(PUBLIC), reply("START"))
        async with web_office(tmp_path) as office:
            assert (await office.post(reply("STOP"), signature=signed))[0] == 403

    async def test_nor_is_one_of_another_account(self, tmp_path: Path) -> None:
        async with web_office(tmp_path) as office:
            assert (await office.post({**reply("hi"), "AccountSid": "AC" + "9" * 32}))[0] == 403

    @pytest.mark.parametrize("prefix", ["", "/secondring"])
    async def test_the_proxy_may_pass_the_public_path_on_or_strip_it(self, tmp_path: Path, prefix: str) -> None:
        async with web_office(tmp_path) as office:
            assert (await office.post(reply("hi"), prefix=prefix, query="?a=1&b="))[0] == 200

    async def test_what_a_stranger_says_of_host_and_scheme_is_not_believed(self, tmp_path: Path) -> None:
        async with web_office(tmp_path) as office:
            lies = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "Host": "evil.example"}
            assert (await office.post(reply("hi"), headers=lies))[0] == 200


class TestHostile:
    async def test_a_body_beyond_measure_is_refused(self, tmp_path: Path) -> None:
        async with web_office(tmp_path) as office:
            assert (await office.post(reply("x" * 200_000)))[0] == 413
            assert await office.replies() == []

    async def test_a_compressed_one_is_not_opened(self, tmp_path: Path) -> None:
        async with web_office(tmp_path) as office:
            assert (await office.post(reply("hi"), headers={"Content-Encoding": "gzip"}))[0] in (200, 403)

    @pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"{}", b"&" * 5000, b"a=1&" * 1000, b"%%%=%%%&=&="])
    async def test_bytes_that_are_no_form_are_refused(self, tmp_path: Path, body: bytes) -> None:
        async with web_office(tmp_path) as office:
            where = f"http://127.0.0.1:{office.port}/hooks/sms"
            async with office.session.post(where, data=body, headers={"X-Twilio-Signature": "x"}) as answer:
                assert answer.status == 403

    async def test_who_sends_a_byte_now_and_then_is_put_out(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(door, "REQUEST_WITHIN", 0.2)
        async with web_office(tmp_path) as office:
            reader, writer = await asyncio.open_connection("127.0.0.1", office.port)
            writer.write(b"POST /hooks/sms HTTP/1.1\r\nHost: x\r\nX-")
            assert await is_put_out(reader)
            writer.close()

    async def test_who_holds_all_places_keeps_others_waiting_no_longer_than_he_may_stay(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(door, "MOST_CONNECTIONS", 5)
        monkeypatch.setattr(door, "REQUEST_WITHIN", 0.2)
        async with web_office(tmp_path) as office:
            held = [await asyncio.open_connection("127.0.0.1", office.port) for _ in range(12)]
            assert (await office.post(reply("hi")))[0] == 200
            for reader, writer in held:
                assert await is_put_out(reader)
                writer.close()

    @pytest.mark.parametrize("path", ["/", "/hooks", "/take", "/../etc/passwd", "/hooks/sms/x"])
    async def test_everything_else_leads_nowhere(self, tmp_path: Path, path: str) -> None:
        async with (
            web_office(tmp_path) as office,
            office.session.get(f"http://127.0.0.1:{office.port}{path}") as answer,
        ):
            assert answer.status == 404


def sending(db: sqlite3.Connection, state: TextState) -> int:
    """A text that was handed over and came so far."""
    new = NewText(uuid.uuid4().hex, None, TextKind.TEST, ANNA, "hello", 1, TextState.QUEUED, 0.0, 9e9)
    text_id = texts.add(db, new, 0.0)
    before = TextState.QUEUED
    for after in (TextState.SENDING, TextState.ACCEPTED if state is TextState.ACCEPTED else state):
        if before is not after:
            sid = SID if after is TextState.ACCEPTED else None
            texts.move(db, Move(text_id, before, after, 1.0, sending_at=1.0, sid=sid))
            before = after
    return text_id


class TestStatuses:
    async def test_they_only_move_a_text_up_whatever_their_order(self, tmp_path: Path) -> None:
        async with web_office(tmp_path) as office:
            text = await office.ledger.write(sending, TextState.ACCEPTED)
            for word in ("delivered", "sent", "queued", "undelivered", "delivered"):
                assert (await office.post(status(word, SID)))[0] == 200
            assert (await office.ledger.read(texts.get, text)).state is TextState.DELIVERED
            words = await office.ledger.read(lambda db: db.execute("SELECT raw FROM status_words").fetchall())
            assert len(words) == 4

    async def test_our_own_name_in_it_proves_a_text_whose_answer_was_lost(self, tmp_path: Path) -> None:
        async with web_office(tmp_path) as office:
            text = await office.ledger.write(sending, TextState.UNKNOWN)
            ref = (await office.ledger.read(texts.get, text)).ref
            await office.post(status("sent", SID), query=f"?m={ref}")
            row = await office.ledger.read(texts.get, text)
            assert (row.state, row.sid) == (TextState.SENT, SID)

    async def test_one_before_the_answer_tells_the_name_and_waits(self, tmp_path: Path) -> None:
        async with web_office(tmp_path) as office:
            text = await office.ledger.write(sending, TextState.SENDING)
            ref = (await office.ledger.read(texts.get, text)).ref
            await office.post(status("sent", SID), query=f"?m={ref}")
            row = await office.ledger.read(texts.get, text)
            assert (row.state, row.sid) == (TextState.SENDING, SID)

    async def test_a_number_that_opted_out_at_the_provider_has_opted_out_here(self, tmp_path: Path) -> None:
        async with web_office(tmp_path) as office:
            await office.ledger.write(sending, TextState.ACCEPTED)
            await office.post(status("failed", SID, ErrorCode="21610"))
            assert await office.ledger.read(callers.opt_out_in_force, ANNA) is not None

    async def test_one_of_a_text_nobody_knows_is_kept_and_harms_nothing(self, tmp_path: Path) -> None:
        async with web_office(tmp_path) as office:
            assert (await office.post(status("delivered", "SM" + "c" * 32)))[0] == 200
