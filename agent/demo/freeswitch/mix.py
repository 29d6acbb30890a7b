"""Which recordings of a FreeSWITCH make up an ordinary load, and how often each."""

from collections.abc import Mapping

MIX: Mapping[str, int] = {
    "answered": 8, "answer_first_answered": 4, "rg_second_answers": 2, "queue_answered": 2, "ivr_answered": 2,
    "loopback_answered": 1, "confirm_ok": 1, "seq_third": 1, "phone_183": 1, "attended_transfer": 1,
    "internal_answered": 1, "outbound_answered": 1, "no_answer": 3, "rg_mixed_abandon": 4, "rg_nobody": 1, "busy": 1,
    "declined_603": 1, "unregistered": 1, "queue_abandoned": 2, "voicemail": 2, "ivr_nobody": 1,
    "ivr_hangup_inside": 1, "closed_message": 1,
}  # fmt: skip
