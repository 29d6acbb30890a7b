"""An Asterisk, played: its words, its lists, its records, as Asterisk 22.10.1 has them."""
