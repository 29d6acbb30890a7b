"""Who is calling: withheld, asserted, national, rewritten, hostile numbers."""

from tests.lab.stage import scenario
from tests.lab.story import WHATEVER, Office

PRIVATE = "Privacy: id"


def asserted(number: str) -> str:
    return f"P-Asserted-Identity: <sip:{number}@carrier.example>"


@scenario("direct")
async def test_anonymous(office: Office) -> None:
    await office.phone(1).rings()
    call = await office.call(user="anonymous", name="Anonymous", shown=None)
    assert (await call.over()).rang
    await office.expect_no_text(call, rule="withheld", reason="no_answer")


@scenario("direct", quick=True)
async def test_withheld_while_the_trunk_asserts_the_number(office: Office) -> None:
    """The PBX shows the real number in every event; only asking the channel tells that it was withheld."""
    await office.phone(1).rings()
    number = office.new_caller()
    call = await office.call(number, user="anonymous", shown=None, headers=(asserted(number), PRIVATE))
    assert (await call.over()).rang
    await office.expect_no_text(call, rule="withheld", reason="no_answer")
    assert office.world.texts(number) == []


@scenario("presentation_saved")
async def test_withheld_where_the_dialplan_lifts_the_presentation(office: Office) -> None:
    """As FreePBX's inbound routes do: save it in a variable, then allow it."""
    await office.phone(1).rings()
    number = office.new_caller()
    call = await office.call(number, user="anonymous", shown=None, headers=(asserted(number), PRIVATE))
    assert (await call.over()).rang
    await office.expect_no_text(call, rule="withheld", reason="no_answer")
    assert office.world.texts(number) == []


@scenario("direct")
async def test_the_asserted_number_wins(office: Office) -> None:
    await office.phone(1).rings()
    number, other = office.new_caller(), office.new_caller()
    call = await office.call(number, user=other, headers=(asserted(number),))
    await call.over()
    await office.expect_text(call, reason="no_answer")
    assert office.world.texts(other) == []


@scenario("direct")
async def test_a_national_number(office: Office) -> None:
    await office.phone(1).rings()
    number = office.new_caller()
    call = await office.call(number, user=number.removeprefix("+1"))
    await call.over()
    await office.expect_text(call, reason="no_answer")


@scenario("direct")
async def test_a_number_with_a_verdict_of_the_carrier(office: Office) -> None:
    await office.phone(1).rings()
    number = office.new_caller()
    call = await office.call(number, user=f"{number};verstat=TN-Validation-Passed-A")
    await call.over()
    await office.expect_text(call, reason="no_answer")


@scenario("callerid_rewritten")
async def test_the_dialplan_rewrites_the_number(office: Office) -> None:
    """The number of the first event is the caller's."""
    await office.phone(1).rings()
    call = await office.call(name="Smith Jane")
    await call.over()
    await office.expect_text(call, reason="no_answer")


@scenario("direct", ring=10, quick=True)
async def test_a_caller_who_injects_a_hangup(office: Office) -> None:
    """Encoded line breaks in the From user make a whole false frame; it ends no call, and he is not texted."""
    await office.phone(1).rings()
    number = office.new_caller()
    false = f"{number}%0D%0A%0D%0AEvent%3A%20Hangup%0D%0AUniqueid%3A%201.1"
    call = await office.call(number, user=false, gives_up=5, shown=WHATEVER)
    assert (await call.over()).cancelled
    row = await office.row(call, ended=True)
    assert (row["decision"], row["rule"], row["reason"]) == ("skip", "not_textable", "abandoned"), row
    assert office.world.texts(number) == []


@scenario("direct", ring=10)
async def test_a_caller_who_injects_an_answer(office: Office) -> None:
    await office.phone(1).rings()
    number = office.new_caller()
    false = f"{number}%0D%0A%0D%0AEvent%3A%20BridgeEnter%0D%0ABridgeUniqueid%3A%20x"
    call = await office.call(number, user=false, gives_up=5, shown=WHATEVER)
    assert (await call.over()).cancelled
    row = await office.row(call, ended=True)
    assert (row["decision"], row["reason"], row["answered_at"]) == ("skip", "abandoned", None), row
    assert office.world.texts(number) == []


@scenario("direct", ring=10)
async def test_a_caller_with_a_line_break_in_the_number(office: Office) -> None:
    await office.phone(1).rings()
    number = office.new_caller()
    call = await office.call(number, user=f"{number}%0D%0AUniqueid%3A%201.2", gives_up=5, shown=WHATEVER)
    assert (await call.over()).cancelled
    row = await office.row(call, ended=True)
    assert (row["decision"], row["reason"]) == ("skip", "abandoned"), row
    assert office.world.texts(number) == []


@scenario("direct", quick=True)
async def test_a_caller_named_like_an_event(office: Office) -> None:
    """The filter that we ship drops VarSet events; it must not drop a caller of that name."""
    await office.phone(1).rings()
    call = await office.call(name="Event: VarSet")
    await call.over()
    await office.expect_text(call, reason="no_answer")


@scenario("direct")
async def test_a_caller_with_quotes_and_umlauts_in_the_name(office: Office) -> None:
    await office.phone(1).rings()
    call = await office.call(name='Jürgen \\"Joe\\" Özil 📞')
    await call.over()
    await office.expect_text(call, reason="no_answer")
