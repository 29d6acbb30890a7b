"""What `doctor` asks of Twilio. Works with a Standard API key, which can't reach the account itself."""

from sms.exchange import ANY_FAILURE, clocks, reason
from sms.provider import ProviderTrouble
from sms.twilio.rest import Rest, TwilioAccount

Finding = tuple[str, bool, str]


async def check(rest: Rest, account: TwilioAccount) -> list[Finding]:
    """Credentials, clock, and each number: ours, and able to text. Raises ProviderTrouble if Twilio can't be
    reached."""
    try:
        answer = await rest.get(rest.messages.with_query({"PageSize": "1"}))
    except ANY_FAILURE as error:
        raise ProviderTrouble(
            f"Twilio at {rest.base.host} can't be reached: {reason(error)}; check the network, DNS and [sms] base_url"
        ) from error
    if answer.status != 200:
        return [
            ("Twilio credentials", False, rest.trouble(answer)),
            clocks("Twilio", answer),
        ]
    findings = [("Twilio credentials", True, f"account {account.account_sid} answers"), clocks("Twilio", answer)]
    if account.messaging_service:
        findings.append(await _service(rest, account.messaging_service))
    numbers = account.own_numbers or ((account.sender,) if account.sender else ())
    findings += [await _number(rest, number) for number in dict.fromkeys(numbers)]
    return findings


async def _service(rest: Rest, sid: str) -> Finding:
    what = f"messaging service {sid}"
    try:
        service, _answer = await rest.ask(rest.messaging / "v1" / "Services" / sid)
    except ProviderTrouble as trouble:
        return (what, False, str(trouble))
    if service.get("sid") != sid:
        return (what, False, "Twilio answers with something else; check [sms] messaging_service and base_url")
    if service.get("us_app_to_person_registered") is not True:
        return (what, True, "no US campaign is registered on it: long codes of its pool can't text the US (30034)")
    return (what, True, "a US campaign is registered on it")


async def _number(rest: Rest, number: str) -> Finding:
    what = f"texting number {number}"
    try:
        page, _answer = await rest.ask(
            (rest.account / "IncomingPhoneNumbers.json").with_query({"PhoneNumber": number, "PageSize": "20"})
        )
    except ProviderTrouble as trouble:
        return (what, False, str(trouble))
    entries = page.get("incoming_phone_numbers")
    mine = (
        [e for e in entries if isinstance(e, dict) and e.get("phone_number") == number]
        if isinstance(entries, list)
        else []
    )
    if not mine:
        return (what, False, "this account doesn't own it; buy it, host it, or correct [sms] from")
    capabilities = mine[0].get("capabilities")
    if not isinstance(capabilities, dict) or capabilities.get("sms") is not True:
        return (what, False, "it can't send texts (capabilities.sms is off); use a number that can")
    return (what, True, "owned by this account, can send texts")
