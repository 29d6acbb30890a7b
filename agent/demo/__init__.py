"""A PBX to try the agent on where there is none: recorded calls, played on loopback as a real PBX sends them.

`recording` reads a recorded stream with what truly happened in it, `replant` gives each call fresh identities, `score`
divides it into moments, `engine` plays many calls at once, `air` tells them to whoever listens, `playing` is all of it
as one thing to start, `day` is a small office's day. `asterisk/` and `freeswitch/` have what is each PBX's own: its
protocol, its lists of what is going on, its records. Nothing here looks at what the agent does: the truth of a call
comes from its recording alone.
"""
