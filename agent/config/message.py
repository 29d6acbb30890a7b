"""The message of a line, as far as it can be judged without a caller."""

from typing import Annotated

from pydantic import AfterValidator

from agent.config.values import Allowed


def _message(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty")
    return text


Message = Annotated[str, AfterValidator(_message), Allowed("the text to send, naming the business and how to opt out")]
