"""What two settings say together: checks across keys, on the values as given, so that they never wait for others."""

import re
from collections.abc import Iterator, Mapping

from agent.config.keys import Path
from agent.config.mistakes import NOTHING, Mistake, day_words
from agent.config.opening import TableError, read_week
from agent.config.values import read_e164

Table = Mapping[str, object]


def read_numbers(values: dict[str, object], country: str | None) -> list[Mistake]:
    """Turns national numbers into E.164 in place, as read in `country`; returns those that can't be read.

    Without a country national numbers are left alone: what is wrong then is the country.
    """
    found: list[Mistake] = []
    business, sms, lines = values.get("business"), values.get("sms"), values.get("line")
    if isinstance(business, dict) and isinstance(own := business.get("own_numbers"), list):
        business["own_numbers"] = fresh = list(own)
        for index, text in enumerate(own):
            _read_one(fresh, index, text, ("business", "own_numbers", index), country, found)
    staff = values.get("staff")
    for index, person in enumerate(staff if isinstance(staff, list) else ()):
        if isinstance(person, dict) and "number" in person:
            _read_one(person, "number", person["number"], ("staff", index, "number"), country, found)
    if isinstance(sms, dict) and "from" in sms:
        _read_one(sms, "from", sms["from"], ("sms", "from"), country, found)
    for index, line in enumerate(lines if isinstance(lines, list) else ()):
        if isinstance(line, dict) and line.get("number", "*") != "*":
            _read_one(line, "number", line["number"], ("line", index, "number"), country, found)
    return found


def across(values: Table) -> Iterator[Mistake]:
    """Every contradiction between settings that are right one by one."""
    sms, lines = values.get("sms"), values.get("line")
    if isinstance(sms, Mapping) and "from" in sms and "messaging_service" in sms:
        yield Mistake(("sms", "messaging_service"), sms["messaging_service"], "give either this or from, not both.")
    if lines == []:
        yield Mistake(("line",), lines, "is empty. Give one [[line]] for each business number.")
    yield from _sids(sms if isinstance(sms, Mapping) else {})
    yield from _replying(values)
    for path, hours in _hours(values):
        yield from _days(path, hours)
    yield from _lines([line for line in lines if isinstance(line, Mapping)] if isinstance(lines, list) else [])


def _sids(sms: Table) -> Iterator[Mistake]:
    """SIDs that Twilio can't have given out: two letters and 32 hexadecimal digits (twilio-oai, api_v2010)."""
    if sms.get("provider", "twilio") != "twilio" or "twilio.com" not in str(sms.get("base_url", "twilio.com")):
        return
    for key, prefix in (("account_sid", "AC"), ("api_key", "SK"), ("messaging_service", "MG")):
        sid = sms.get(key)
        cut = isinstance(sid, str) and sid.isalnum() and not re.fullmatch("[0-9a-fA-F]{32}", sid.removeprefix(prefix))
        if cut and str(sid).startswith(prefix):
            why = f"is cut or mistyped: {prefix} is followed by 32 digits or letters a to f."
            yield Mistake(("sms", key), sid, why)


def _replying(values: Table) -> Iterator[Mistake]:
    """Who is to be asked can be reached, and a second text has words."""
    staff, follow_up = values.get("staff"), values.get("follow_up")
    people = [person for person in staff if isinstance(person, Mapping)] if isinstance(staff, list) else []
    for index, person in enumerate(people):
        reachable = any(key in person for key in ("number", "notify", "notify_file"))
        if "name" in person and person.get("urgent", True) is True and not reachable:
            why = "can't be reached: give a number, notify or notify_file, or set urgent = false."
            yield Mistake(("staff", index, "name"), person["name"], why)
    names = [person.get("name") for person in people]
    for index, name in enumerate(names):
        if isinstance(name, str) and name in names[:index]:
            yield Mistake(("staff", index, "name"), name, "is the name of another person already.")
    if isinstance(follow_up, Mapping) and "after" in follow_up and "message" not in follow_up:
        yield Mistake(("follow_up", "message"), NOTHING, "is missing: write the second text, or leave after out.")


def _hours(values: Table) -> Iterator[tuple[Path, Table]]:
    """Every table of open hours and where it stands."""
    lines = values.get("line")
    if isinstance(hours := values.get("hours"), Mapping):
        yield ("hours",), hours
    for index, line in enumerate(lines if isinstance(lines, list) else ()):
        if isinstance(line, Mapping) and isinstance(hours := line.get("hours"), Mapping):
            yield ("line", index, "hours"), hours


def _days(path: Path, hours: Table) -> Iterator[Mistake]:
    days = {key: text for key, text in hours.items() if key != "holidays"}
    if not days:
        yield Mistake(path, NOTHING, 'names no day. Write for example mon-fri = "08:00-17:30".')
    try:
        read_week({key: text for key, text in days.items() if isinstance(text, str)})
    except TableError as error:
        for key, why in error.problems:
            yield Mistake((*path, key), days[key], day_words(key, why))


def needed_to_run(values: Table) -> Iterator[Mistake]:
    """What `run` and `doctor` can't do without, though the configuration may be read without it."""
    pbx, sms = values.get("pbx", {}), values.get("sms", {})
    if isinstance(pbx, Mapping) and "secret" not in pbx:
        yield Mistake(("pbx", "secret"), NOTHING, _no_secret("the PBX's secret", "pbx", "secret"))
    if not isinstance(sms, Mapping):
        return
    match sms.get("provider", "twilio"):
        case "twilio":
            yield from _twilio_needs(sms)
            yield from _hook_secret(values, sms)
        case "telnyx":
            yield from _telnyx_needs(sms)
            if _hooked(values) and "public_key" not in sms:
                why = "is missing: the key that proves what comes to [web] public_url stands in Telnyx's portal."
                yield Mistake(("sms", "public_key"), NOTHING, why)


def _twilio_needs(sms: Table) -> Iterator[Mistake]:
    if "from" not in sms and "messaging_service" not in sms:
        yield Mistake(("sms", "from"), NOTHING, "is missing: give the number that texts, or a messaging_service.")
    if "account_sid" not in sms:
        yield Mistake(("sms", "account_sid"), NOTHING, "is missing: it stands on the first page of the Twilio console.")
    if "api_secret" in sms and "api_key" not in sms:
        yield Mistake(("sms", "api_key"), NOTHING, "is missing: api_secret is of no use without its SK… number.")
    elif "api_key" in sms and "api_secret" not in sms:
        yield Mistake(("sms", "api_secret"), NOTHING, _no_secret("the API key's secret", "sms", "api_secret"))
    if "api_key" not in sms and "api_secret" not in sms and "auth_token" not in sms:
        yield Mistake(("sms", "auth_token"), NOTHING, _no_secret("Twilio's auth token", "sms", "auth_token"))


def _hook_secret(values: Table, sms: Table) -> Iterator[Mistake]:
    """Twilio signs webhooks with the auth token, whatever key we call with."""
    if _hooked(values) and "api_key" in sms and not {"auth_token", "webhook_key"} & set(sms):
        why = _no_secret("Twilio's auth token, which signs what comes to [web] public_url,", "sms", "auth_token")
        yield Mistake(("sms", "auth_token"), NOTHING, why)


def _hooked(values: Table) -> bool:
    web = values.get("web")
    return isinstance(web, Mapping) and "public_url" in web


def _telnyx_needs(sms: Table) -> Iterator[Mistake]:
    if "from" not in sms and "messaging_profile" not in sms:
        yield Mistake(("sms", "from"), NOTHING, "is missing: give the number that texts, or a messaging_profile.")
    if "auth_token" not in sms:
        yield Mistake(("sms", "auth_token"), NOTHING, _no_secret("Telnyx's API key", "sms", "auth_token"))


def _no_secret(what: str, table: str, key: str) -> str:
    return (
        f"is missing: put {what} alone in a file and name it as {key}_file under [{table}], or hand it over as "
        f"systemd credential {table}_{key} or as SECONDRING_{table.upper()}__{key.upper()}."
    )


def _lines(lines: list[Table]) -> Iterator[Mistake]:
    first: dict[object, int] = {}
    for index, line in enumerate(lines):
        number = line.get("number", NOTHING)
        if number is NOTHING or not isinstance(number, str):
            continue
        if number in first:
            yield Mistake(
                ("line", index, "number"),
                number,
                f"line[{first[number] + 1}] has this number already; a call takes the first.",
            )
            continue
        first[number] = index
        if number == "*" and index != len(lines) - 1:
            yield Mistake(
                ("line", index, "number"),
                number,
                'the line "*" takes every call that comes to it, so it must be the last [[line]].',
            )


def _read_one(
    holder: dict[str, object] | list[object],
    at: str | int,
    text: object,
    path: Path,
    country: str | None,
    found: list[Mistake],
) -> None:
    if not isinstance(text, str) or (country is None and not text.startswith("+")):
        return
    try:
        number = read_e164(text, country or "US")
    except ValueError as error:
        found.append(Mistake(path, text, f'{error}. Write it in full, as in "+13125550100".'))
        return
    holder[at] = number  # type: ignore[index]  # `at` is the index or key that the caller found it under
