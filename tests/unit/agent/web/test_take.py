"""The link in a text to staff: opening it only shows who waits, pressing the button takes the caller."""

from pathlib import Path

from storage.queries import ladders
from tests.unit.agent.web.office_on_the_web import ANNA, WebOffice, reply, web_office

FLOOD = "Flooding! <script>alert(1)</script>"


async def link(office: WebOffice) -> str:
    """An urgent caller wrote; where the first person's link leads, as this machine reaches it."""
    await office.post(reply(FLOOD))
    [ask, *_] = await office.ledger.read(lambda db: ladders.asks_of(db, 1))
    assert f"https://office.example/secondring/take/{ask.token}" in ask.body
    return f"http://127.0.0.1:{office.port}/take/{ask.token}"


async def seen_by(office: WebOffice) -> str | None:
    return (await office.ledger.read(ladders.get, 1)).seen_by


async def test_opening_it_shows_who_waits_and_takes_nothing(tmp_path: Path) -> None:
    async with web_office(tmp_path) as office, office.session.get(await link(office)) as answer:
        page = await answer.text()
        assert ANNA in page and "I take it" in page
        assert "<script>" not in page and "&lt;script&gt;" in page
        assert answer.headers["Cache-Control"] == "no-store"
        assert await seen_by(office) is None


async def test_pressing_the_button_takes_the_caller_once(tmp_path: Path) -> None:
    async with web_office(tmp_path) as office:
        where = await link(office)
        for _ in range(2):
            async with office.session.post(where) as answer:
                assert "It's yours" in await answer.text()
        assert await seen_by(office) == "Tim"


async def test_a_link_that_was_made_up_leads_nowhere(tmp_path: Path) -> None:
    async with web_office(tmp_path) as office:
        where = await link(office)
        async with office.session.post(where[:-3] + "abc") as answer:
            assert answer.status == 404
        assert await seen_by(office) is None
