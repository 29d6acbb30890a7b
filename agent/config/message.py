"""The message of a line, as far as it is refused; `secondring check` shows what it is warned of."""

from typing import Annotated

from pydantic import AfterValidator

from agent.config.values import Allowed, Told
from sms.body import Values
from sms.lint import Severity, lint


def check_message(text: str) -> str:
    """The message itself. Raises Told with the first reason for which nobody may be sent it."""
    for finding in lint(text, Values(business="the business")):
        if finding.severity is Severity.ERROR:
            raise Told(finding.sentence)
    return text


Message = Annotated[
    str,
    AfterValidator(check_message),
    Allowed("a text with known placeholders only, that says how to opt out"),
]
