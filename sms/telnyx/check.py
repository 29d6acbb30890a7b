"""What `doctor` asks of Telnyx: is the key good, is the number ours and in a profile, do replies come here?"""

from yarl import URL

from sms.answers import Message, object_of, text_of
from sms.exchange import ANY_FAILURE, clocks, reason
from sms.provider import ProviderTrouble
from sms.telnyx.rest import Rest, TelnyxAccount

Finding = tuple[str, bool, str]


def cheapest(rest: Rest) -> URL:
    """A question that every key may ask and that costs Telnyx little."""
    return rest.profiles.with_query({"page[size]": "1"})


async def check(rest: Rest, account: TelnyxAccount) -> list[Finding]:
    """Credentials, clock, number, profile and webhook. Raises ProviderTrouble if Telnyx can't be reached."""
    try:
        answer = await rest.get(cheapest(rest))
    except ANY_FAILURE as error:
        raise ProviderTrouble(
            f"Telnyx at {rest.base.host} can't be reached: {reason(error)}; check the network, DNS and [sms] base_url"
        ) from error
    if answer.status != 200:
        return [("Telnyx credentials", False, rest.trouble(answer)), clocks("Telnyx", answer)]
    findings = [("Telnyx credentials", True, "the API key is taken"), clocks("Telnyx", answer)]
    profile = account.messaging_profile
    if account.sender:
        finding, its_profile = await _number(rest, account.sender, profile)
        findings.append(finding)
        profile = profile or its_profile
    if profile:
        findings += await _profile(rest, profile, account)
    return findings


async def _number(rest: Rest, number: str, profile: str | None) -> tuple[Finding, str | None]:
    """The texting number, and the profile it belongs to."""
    what = f"texting number {number}"
    try:
        page, _answer = await rest.ask(rest.numbers.with_query({"filter[phone_number]": number}))
    except ProviderTrouble as trouble:
        return (what, False, str(trouble)), None
    listed = page.get("data")
    entries = [object_of(entry) or {} for entry in listed] if isinstance(listed, list) else []
    mine = next((entry for entry in entries if entry.get("phone_number") == number), None)
    if mine is None:
        return (what, False, "this account doesn't own it; buy it, host it, or correct [sms] from"), None
    its_profile = text_of(mine, "messaging_profile_id")
    if not its_profile:
        return (what, False, "it is in no messaging profile; give it one in the portal, under My Numbers"), None
    if profile and profile != its_profile:
        return (what, False, f"it is in profile {its_profile}; correct [sms] messaging_profile"), its_profile
    if not _sends(mine):
        return (what, False, "it can't send texts (features.sms is off); use a number that can"), its_profile
    return (what, True, "owned by this account, in a messaging profile"), its_profile


def _sends(number: Message) -> bool:
    features = object_of(number.get("features")) or {}
    sms = object_of(features.get("sms")) or {}
    return True in (sms.get("domestic_two_way"), sms.get("international_outbound"))


async def _profile(rest: Rest, profile: str, account: TelnyxAccount) -> list[Finding]:
    what = f"messaging profile {profile}"
    try:
        answered, _answer = await rest.ask(rest.profiles / profile)
    except ProviderTrouble as trouble:
        return [(what, False, str(trouble))]
    found = object_of(answered.get("data")) or {}
    if found.get("id") != profile:
        return [(what, False, "Telnyx answers with something else; check [sms] messaging_profile and base_url")]
    if found.get("enabled") is not True:
        return [(what, False, "it is switched off; enable it in the portal, under Messaging"), _hook(found, account)]
    return [(what, True, "enabled"), _hook(found, account)]


def _hook(profile: Message, account: TelnyxAccount) -> Finding:
    """Whether replies are brought here. The webhook named with a text is for what becomes of that text alone."""
    theirs = text_of(profile, "webhook_url")
    if not account.hook_url:
        return ("webhook", True, "none: replies are asked for, and come as late as Telnyx lists them")
    if not account.public_key:
        return ("webhook", False, "what comes to it can't be proven; set [sms] public_key, from the portal")
    if theirs != account.hook_url:
        goes = "nowhere" if not theirs else f"to {theirs}"
        return ("webhook", False, f"replies go {goes}; set the messaging profile's webhook URL to {account.hook_url}")
    return ("webhook", True, "replies come to this agent's webhook")
