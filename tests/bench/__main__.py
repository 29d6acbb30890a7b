"""All benches in turn: `make bench`. Each prints a table; docs/performance.md tells what they mean."""

import asyncio

from tests.bench import latency, parse, ring_limit

parse.main()
print()
asyncio.run(latency.main())
print()
ring_limit.main()
