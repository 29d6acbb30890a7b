"""Numbers of staff, learnt from the PBX: what rings for callers is no caller."""

from storage.queries import learnt_numbers
from tests.story import Story, StoryCall

ANNA, BERT = "+12025550143", "+12025550144"
TIM = "+12025550177"
"""The mobile of a colleague, nowhere in the configuration."""


def missed(story: Story, number: str, *phones: str) -> StoryCall:
    call = story.call(number)
    call.ring(*(phones or ("101",)))
    story.wait(10)
    call.hang_up()
    return call


def test_a_mobile_that_rang_for_a_caller_is_not_texted_when_it_calls_itself() -> None:
    story = Story()
    story.expect_text(missed(story, ANNA, "101", TIM))
    story.expect_no_text(missed(story, TIM), "blocked")
    assert "rings for callers here" in story.outcomes["call-2"].ruling.because  # type: ignore[union-attr]


def test_it_is_learnt_too_when_the_call_was_answered_there() -> None:
    story = Story()
    call = story.call(ANNA)
    call.ring(TIM)
    call.answer(TIM)
    call.hang_up()
    story.expect_no_text(missed(story, TIM), "blocked")


def test_whom_a_caller_is_passed_on_to_may_be_anybody() -> None:
    story = Story()
    call = story.call(ANNA)
    call.ring("101")
    call.answer("101")
    call.part("101")
    call.ring(BERT)
    call.answer(BERT)
    call.hang_up()
    story.expect_text(missed(story, BERT))


def test_a_call_of_a_colleague_to_a_customer_teaches_nothing() -> None:
    story = Story()
    call = story.call_out("101", BERT)
    call.answer("trunk")
    call.hang_up()
    story.wait(7 * 3600)
    story.expect_text(missed(story, BERT))


def test_a_caller_whose_own_number_is_dialled_is_still_a_caller() -> None:
    story = Story()
    missed(story, ANNA, ANNA)
    story.hand_over()
    story.wait(5 * 3600)
    story.expect_text(missed(story, ANNA))


def test_a_person_may_say_that_it_is_nobody_of_ours_and_that_stays_so() -> None:
    story = Story()
    missed(story, ANNA, TIM)
    learnt_numbers.say(story.db, TIM, False, "a customer", story.began)
    missed(story, BERT, TIM)
    story.expect_text(missed(story, TIM))
