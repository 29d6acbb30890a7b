"""The agent is killed, starved and lied to; what its PBX and its provider saw judges it."""
