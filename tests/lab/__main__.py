"""`python -m tests.lab up 22`: a lab to look around in. An office that rings for 20 seconds, one caller a minute.

Prints how to reach the PBX's console and manager, and stays up until Ctrl-C.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

from tests.lab import packages
from tests.lab.asterisk import ETC, FIRST_OFFICE, Asterisk, Office
from tests.lab.sip_scripts import CallerPlan, PhonePlan, caller, phone
from tests.lab.sipp import Sipp

LAYOUTS = sorted(
    line[1:-1]
    for line in (ETC / "extensions.conf").read_text().splitlines()
    if line.startswith("[") and line[1:-1] in {"direct", "mailbox", "plain", "ring_group", "hunt", "queue", "menu"}
)


async def up(version: str, with_callers: bool) -> None:
    """One office per layout; phone 1 of each is answered after five seconds, phones 2 and 3 ring on."""
    offices = [Office(FIRST_OFFICE + n, layout, ring=20) for n, layout in enumerate(LAYOUTS)]
    pbx = Asterisk(version, offices)
    folder = Path(tempfile.mkdtemp(prefix="lab-up-"))
    started: list[Sipp] = []
    try:
        await pbx.start()
        for office in offices:
            for n, plan in ((1, PhonePlan(final=200, after=5)), (2, PhonePlan()), (3, PhonePlan())):
                ip = f"{pbx.network.prefix}.{office.number}.{n}"
                sipp = Sipp(phone(plan), ip, pbx.network.pbx, folder, f"phone{office.number}{n}")
                await sipp.start()
                started.append(sipp)
        print(f"Asterisk {version} is up after {pbx.seconds_to_ready:.2f} s at {pbx.network.pbx}")
        print(f"  console:   {pbx.home}/asterisk -rvvv")
        print(f"  manager:   {pbx.network.pbx}:5038, user looker, secret looker")
        print(f"  files:     {pbx.home}/etc, {pbx.home}/log; SIP messages in {folder}")
        for office in offices:
            print(f"  {office.did}: {office.layout}")
        print("Ctrl-C ends it.", flush=True)
        turn = 0
        while True:
            if with_callers:
                office = offices[turn % len(offices)]
                number = f"+12025550{100 + turn % 100}"
                print(f"{number} calls {office.did} ({office.layout})", flush=True)
                ip = f"{pbx.network.prefix}.1.{1 + turn % 250}"
                sipp = Sipp(caller(CallerPlan(number, office.did)), ip, pbx.network.pbx, folder, f"caller{turn}")
                await sipp.start(calls=1)
                started.append(sipp)
                turn += 1
            await asyncio.sleep(60)
    finally:
        for sipp in started:
            await sipp.stop()
        await pbx.close()


parser = argparse.ArgumentParser(prog="python -m tests.lab", description=__doc__)
parser.add_argument("what", choices=["up"])
parser.add_argument("version", choices=sorted(packages.ASTERISK), nargs="?", default="22")
parser.add_argument("--silent", action="store_true", help="no callers")
options = parser.parse_args()
try:
    asyncio.run(up(options.version, not options.silent))
except packages.Unavailable as problem:
    raise SystemExit(f"no lab on this machine: {problem}") from problem
except KeyboardInterrupt:
    pass
