"""The PBX's own records of calls, whichever it is."""


class RecordsTrouble(Exception):
    """The records can't be read. The message says which file, why, and what to do."""
