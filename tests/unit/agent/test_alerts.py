"""Notices to staff by Apprise: a real one over HTTP, and what is said of one that fails."""

from pathlib import Path

import pytest
from aiohttp import web

from agent.alerts import addresses_of, notify


async def received_by(status: int) -> tuple[list[dict[str, str]], str]:
    """What a JSON receiver that answers so got, and what was said of it."""
    got: list[dict[str, str]] = []

    async def take(request: web.Request) -> web.Response:
        got.append(await request.json())
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        return got, await notify([f"json://127.0.0.1:{port}/"], "Urgent caller", "URGENT from +12025550143")
    finally:
        await runner.cleanup()


async def test_a_notice_arrives_with_its_words() -> None:
    got, trouble = await received_by(200)
    assert trouble == ""
    assert [(one["title"], one["message"]) for one in got] == [("Urgent caller", "URGENT from +12025550143")]


async def test_one_that_is_refused_is_told_by_the_kind_of_service_alone() -> None:
    _, trouble = await received_by(500)
    assert trouble == "not delivered by json"


async def test_an_address_that_nobody_knows_is_told_without_its_secret() -> None:
    trouble = await notify(["nonsense://user:secret@host"], "t", "b")
    assert "nonsense" in trouble and "secret" not in trouble


def test_a_file_of_addresses_has_one_a_line_and_remarks(tmp_path: Path) -> None:
    file = tmp_path / "tim.notify"
    file.write_text("# Tim\nntfy://acme\n\n  tgram://token/chat  \n")
    assert addresses_of(("mailto://a",), file) == ["mailto://a", "ntfy://acme", "tgram://token/chat"]
    with pytest.raises(OSError, match="nowhere"):
        addresses_of((), tmp_path / "nowhere")
