"""What callers write back, and what the office makes of it."""
