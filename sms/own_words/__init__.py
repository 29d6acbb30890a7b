"""Opt-outs in a caller's own words."""
