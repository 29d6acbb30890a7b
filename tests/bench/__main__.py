"""All benches in turn: `make bench`. Each prints a table; docs/performance.md tells what they mean."""

import asyncio

from tests.bench import latency, live, load, parse_ami, parse_esl, ring_limit, traffic

traffic.main()
parse_ami.main()
parse_esl.main()
print()
asyncio.run(latency.main())
print()
asyncio.run(live.main())
print()
ring_limit.main()
print()
load.main()
