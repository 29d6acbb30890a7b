"""The call-back list and what a person does about a caller, from the command line."""

from pathlib import Path

import pytest

from storage.vocabulary import Reason
from tests.office import DANA, NOON, SAM, AcmeOffice

ALL = ("--days", 99_999)


@pytest.fixture
def acme(tmp_path: Path) -> AcmeOffice:
    return AcmeOffice(tmp_path)


def waiting(acme: AcmeOffice) -> list[object]:
    """Who is on the call-back list, in its order."""
    return [row["number"] for row in acme.rows("threads", "--waiting", *ALL)]


def thread(acme: AcmeOffice, number: str = DANA) -> dict[str, object]:
    return next(row for row in acme.rows("threads", *ALL) if row["number"] == number)


class TestTheList:
    def test_a_caller_with_three_misses_is_one_entry(self, acme: AcmeOffice) -> None:
        for count in range(3):
            acme.missed(DANA, at=NOON + 600 * count, name="DANA SMITH")
        acme.missed(SAM, at=NOON + 60)
        assert waiting(acme) == [DANA, SAM]
        assert (thread(acme)["missed"], thread(acme)["last_missed_at"]) == (3, NOON + 1200)
        assert "called 3×, last" in acme.run("threads", *ALL).stdout

    def test_who_is_called_back_and_answers_is_off_it(self, acme: AcmeOffice) -> None:
        acme.missed(DANA)
        acme.called_back(DANA, at=NOON + 600)
        assert waiting(acme) == []
        assert "reached" in acme.run("threads", *ALL).stdout

    def test_who_gets_through_is_off_it_and_a_later_miss_counts_from_one(self, acme: AcmeOffice) -> None:
        acme.missed(DANA)
        acme.answered(DANA, at=NOON + 600)
        assert waiting(acme) == []
        acme.missed(DANA, at=NOON + 7200)
        assert waiting(acme) == [DANA]
        assert thread(acme)["missed"] == 1

    def test_who_could_not_be_texted_is_on_it_with_the_reason(self, acme: AcmeOffice) -> None:
        acme.missed("+18005550143")
        acme.run("pause", "--note", "holiday")
        acme.missed(SAM, at=NOON + 60)
        assert thread(acme, SAM)["rule"] == "line_off"
        assert thread(acme, "+18005550143")["rule"] == "not_textable"
        assert "not texted: line_off" in acme.run("threads", "--waiting", *ALL).stdout

    def test_who_withheld_the_number_is_not_nor_is_staff(self, acme: AcmeOffice) -> None:
        acme.missed("anonymous")
        acme.run("block", SAM)
        acme.missed(SAM)
        assert waiting(acme) == []

    def test_staff_who_answer_a_request_are_no_callers(self, tmp_path: Path) -> None:
        acme = AcmeOffice(tmp_path, staff=("Sam", SAM))
        acme.reply(DANA, "gas smell in the kitchen")
        acme.reply(SAM, "OK", at=NOON + 400)
        assert [row["number"] for row in acme.rows("threads", *ALL)] == [DANA]

    def test_who_only_wrote_is_a_caller_too_and_urgent_ones_come_first(self, acme: AcmeOffice) -> None:
        acme.reply(SAM, "gas smell in the kitchen", at=NOON)
        acme.missed(DANA, at=NOON + 7200)
        assert waiting(acme) == [SAM, DANA]
        assert "URGENT" in acme.run("threads", *ALL).stdout

    def test_who_says_that_it_was_a_wrong_number_need_not_be_called(self, acme: AcmeOffice) -> None:
        acme.missed(DANA)
        acme.reply(DANA, "sorry, wrong number")
        assert waiting(acme) == []

    def test_who_wants_no_texts_may_still_want_a_call(self, acme: AcmeOffice) -> None:
        acme.missed(DANA)
        acme.reply(DANA, "STOP")
        assert waiting(acme) == [DANA]

    def test_an_empty_list_says_so(self, acme: AcmeOffice) -> None:
        acme.missed(DANA)
        acme.run("threads", "done", DANA, "--as", "booked")
        assert acme.run("threads", "--waiting", *ALL).stdout == "Nobody waits.\n"

    def test_a_time_to_call_is_shown_on_the_offices_clock(self, acme: AcmeOffice) -> None:
        acme.missed(DANA)
        acme.reply(DANA, "after 3 please")
        assert thread(acme)["call_from"] == NOON + 3 * 3600
        assert "15:00–20:00" in acme.run("threads", *ALL).stdout


class TestWhatAPersonDoes:
    def test_a_claim_shows_who_has_it(self, acme: AcmeOffice) -> None:
        acme.missed(DANA)
        assert acme.run("threads", "claim", DANA, "--by", "Jane").stdout == f"{DANA}: claimed.\n"
        assert (thread(acme)["state"], thread(acme)["by"]) == ("claimed", "Jane")
        assert "claimed (Jane)" in acme.run("threads", *ALL).stdout

    def test_done_keeps_how_it_ended_and_what_it_brings(self, acme: AcmeOffice) -> None:
        acme.missed(DANA)
        acme.run("threads", "done", DANA, "--as", "booked", "--amount", "250", "--note", "Tuesday 9", "--by", "Jane")
        found = thread(acme)
        assert (found["state"], found["outcome"], found["amount"], found["note"]) == (
            "done",
            "booked",
            250.0,
            "Tuesday 9",
        )

    def test_a_new_miss_or_text_opens_what_was_done(self, acme: AcmeOffice) -> None:
        acme.missed(DANA)
        acme.run("threads", "done", DANA, "--as", "lost")
        far_ahead = 4_000_000_000.0
        acme.reply(DANA, "I changed my mind", at=far_ahead)
        assert waiting(acme) == [DANA]

    def test_waiting_for_the_caller_takes_him_off_until_he_writes(self, acme: AcmeOffice) -> None:
        acme.missed(DANA)
        acme.run("threads", "wait", DANA, "--note", "sends photos")
        acme.reply(DANA, "here they are", at=4_000_000_000.0)
        assert waiting(acme) == [DANA]

    @pytest.mark.parametrize("outcome", ["cancelled", "", "BOOKED"])
    def test_only_known_ends_are_taken(self, acme: AcmeOffice, outcome: str) -> None:
        acme.missed(DANA)
        assert acme.run("threads", "done", DANA, "--as", outcome).exit_code == 2


class TestWriting:
    def test_a_persons_text_is_queued_like_any_other_and_the_caller_need_not_be_called(self, acme: AcmeOffice) -> None:
        acme.missed(DANA, reason=Reason.VOICEMAIL)
        assert (
            acme.run("threads", "reply", DANA, "We can come at 5. Jane", "--by", "Jane").stdout == f"{DANA}: queued.\n"
        )
        newest = acme.rows("texts", *ALL)[0]
        assert (newest["kind"], newest["body"]) == ("staff", "We can come at 5. Jane")
        assert waiting(acme) == []

    def test_it_silences_what_waits_and_what_would_come(self, acme: AcmeOffice) -> None:
        acme.missed(DANA)
        acme.run("threads", "reply", DANA, "Calling you now")
        assert [row["state"] for row in acme.rows("texts", *ALL) if row["kind"] == "first"] == ["cancelled"]

    def test_not_to_one_who_opted_out(self, acme: AcmeOffice) -> None:
        acme.reply(DANA, "please stop texting me")
        result = acme.run("threads", "reply", DANA, "but why?")
        assert result.exit_code == 1
        assert f'{DANA} opted out ("please stop texting me"); call instead.' in result.stderr

    @pytest.mark.parametrize(("text", "said"), [("", "empty"), ("x" * 1601, "1600 at most")])
    def test_what_no_provider_takes_is_refused(self, acme: AcmeOffice, text: str, said: str) -> None:
        acme.missed(DANA)
        result = acme.run("threads", "reply", DANA, text)
        assert result.exit_code == 1 and said in result.stderr

    def test_nor_while_nothing_is_sent(self, acme: AcmeOffice) -> None:
        acme.missed(DANA)
        acme.run("pause", "--note", "holiday")
        assert "holiday" in acme.run("threads", "reply", DANA, "hello").stderr


class TestUrgent:
    def test_who_was_asked_and_who_has_it_is_shown_and_it_can_be_closed(self, tmp_path: Path) -> None:
        acme = AcmeOffice(tmp_path, staff=("Tim", "+13125550171"))
        acme.reply(DANA, "URGENT: flooding")
        [row] = acme.rows("urgent", *ALL)
        assert (row["number"], row["state"], row["asked"]) == (DANA, "asking", "Tim")
        assert "flooding" in acme.run("urgent", *ALL).stdout
        assert acme.run("urgent", "close", DANA, "--note", "was a test").stdout == f"{DANA}: closed.\n"
        assert acme.rows("urgent", *ALL)[0]["state"] == "closed"
        assert acme.run("urgent", "close", DANA).exit_code == 1

    def test_who_claims_the_thread_has_taken_the_urgent_caller(self, tmp_path: Path) -> None:
        acme = AcmeOffice(tmp_path, staff=("Tim", "+13125550171"))
        acme.reply(DANA, "URGENT")
        acme.run("threads", "claim", DANA, "--by", "Jane")
        [row] = acme.rows("urgent", *ALL)
        assert (row["state"], row["seen_by"]) == ("seen", "Jane")
