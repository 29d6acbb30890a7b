"""A real Asterisk with SIPp callers and phones on loopback, and the agent beside it. README.md tells how to use it."""
