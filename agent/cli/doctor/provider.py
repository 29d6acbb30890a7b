"""The SMS provider: do the credentials hold, is the sender ours, and do the clocks agree?"""

from agent.account import account_of
from agent.cli.doctor.patient import Patient
from agent.config.sections import Provider
from agent.findings import Finding, Grade, ok, skipped
from sms.provider import ProviderTrouble
from sms.providers import Account, open_provider

WHY = {
    "credentials": "Without them no text leaves.",
    "clock": "Freshness and quiet hours go by this machine's clock, and a lost text is found by comparing both.",
    "texting-number": "Texts from a number that can't send them are refused, all of them.",
    "messaging-service": "Texts through a service that can't send them are refused, all of them.",
    "messaging-profile": "Texts through a profile that is switched off are refused, all of them.",
    "webhook": "Replies are then only asked for now and then, and are heard later.",
}


async def probe_provider(patient: Patient) -> list[Finding]:
    """What the provider says of itself."""
    account = account_of(patient.settings)
    if needs := _wanting(patient.settings.sms.provider, account):
        return [skipped("provider-credentials", needs, "Mend the configuration first.")]
    provider = open_provider(account)
    try:
        asked = await provider.check()
    except ProviderTrouble as trouble:
        seen, _, remedy = str(trouble).partition("; ")
        failed = Finding("provider-connection", Grade.FAILURE, seen, "Without it no text leaves.", remedy)
        return [failed, skipped("provider-credentials", "provider-connection")]
    finally:
        await provider.close()
    return [_finding(provider.name, what, well, words) for what, well, words in asked]


def _wanting(provider: Provider, account: Account) -> str:
    """What the provider can't be asked without, if it isn't there."""
    match provider:
        case Provider.TWILIO if not (account.account_sid and account.secret):
            return "the account's SID and a credential"
        case Provider.TELNYX if not (account.secret and (account.sender or account.messaging_profile)):
            return "the API key, and a number or a messaging profile"
        case _:
            return ""


def _finding(provider: str, what: str, well: bool, words: str) -> Finding:
    """`what` may name a number or service; the id leaves it out, so that it is the same everywhere."""
    kept = [word for word in what.lower().split() if word != provider and not any(map(str.isdigit, word))]
    name = "-".join(kept) or provider
    subject = " ".join(word for word in what.split() if any(map(str.isdigit, word)))
    seen = f"{subject}: {words}" if subject else words
    if well:
        return ok(f"provider-{name}" if name != "provider" else "provider", seen)
    seen, _, remedy = seen.partition("; ")
    return Finding(f"provider-{name}", Grade.FAILURE, seen, WHY.get(name, ""), remedy)
