"""All benches in turn: `make bench`. Each prints a table; docs/performance.md tells what they mean."""

import asyncio

from tests.bench import latency, live, load, parse_ami, parse_esl, ring_limit, traffic, webhook
from tests.bench.peers import PEERS
from tests.faults.agent import KINDS

traffic.main()
parse_ami.main()
parse_esl.main()
print()
for peer in PEERS.values():
    asyncio.run(latency.main(peer))
    print()
asyncio.run(live.main())
print()
for peer in PEERS.values():
    ring_limit.main(peer)
    print()
for kind in KINDS:
    load.main(kind)
    print()
webhook.main()
