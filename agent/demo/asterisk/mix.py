"""Which recordings of an Asterisk make up an ordinary load, and how often each."""

from collections.abc import Mapping

MIX: Mapping[str, int] = {
    "answered": 8, "answered_handwritten": 4, "rg_second_answers": 2, "queue_answered": 2, "ivr_answered": 2,
    "local_optimised": 1, "followme_desk_answers": 1, "hold": 1, "attended_transfer": 1, "internal_answered": 1,
    "outbound_answered": 1, "no_answer": 3, "abandoned": 4, "rg_nobody": 1, "busy": 1, "declined_603": 1,
    "unregistered": 1, "queue_abandoned": 2, "voicemail_message": 2, "ivr_nobody": 1, "ivr_hangup_inside": 1,
    "closed_announcement": 1,
}  # fmt: skip
