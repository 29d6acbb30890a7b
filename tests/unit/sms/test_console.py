"""The console provider on terminals of all kinds."""

import io

from sms.console import ConsoleProvider
from sms.provider import Accepted, OutgoingText


async def printed(body: str, encoding: str = "utf-8") -> str:
    screen = io.BytesIO()
    provider = ConsoleProvider(io.TextIOWrapper(screen, encoding=encoding))
    assert isinstance(await provider.send(OutgoingText("m1", "+12025550143", body, 600)), Accepted)
    return screen.getvalue().decode(encoding)


async def test_a_text_is_shown_with_its_number_line_by_line() -> None:
    assert await printed("Sorry.\nReply STOP.") == "text to +12025550143:\n  Sorry.\n  Reply STOP.\n"


async def test_a_callers_name_cannot_steer_the_terminal() -> None:
    assert await printed("Hi \x1b[2J\x07Bob") == "text to +12025550143:\n  Hi \\x1b[2J\\x07Bob\n"


async def test_a_screen_without_these_letters_shows_their_codes() -> None:
    assert await printed("Zoë", "ascii") == "text to +12025550143:\n  Zo\\xeb\n"
