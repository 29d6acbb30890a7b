"""A PBX to try the agent on where there is none: recorded calls, played on loopback as a real Asterisk sends them.

`recording` reads a recorded stream with what truly happened in it, `replant` gives each call fresh identities,
`board` knows which legs are alive after so many events and `listing` tells it as AMI does, `ami` and `session` speak
the protocol, `engine` plays many calls at once, `player` is all of it as one thing to start, `day` is a small
office's day. Nothing here looks at what the agent does: the truth of a call comes from its recording alone.
"""
