"""A FreeSWITCH, played: its words, its lists, its records, as FreeSWITCH 1.10.12 has them."""
