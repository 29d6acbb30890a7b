-- name: put_call
-- Write a call, or bring its row up to date; what was decided stays.
INSERT INTO calls (pbx_call, direction, caller, peer, caller_name, line, line_name, trunk, started_at,
    first_ringing_at,
    answered_at, answered_by, answered_late, transfer_unanswered, ended_at, reason, known_at, source)
VALUES (:pbx_call, :direction, :caller, :peer, :caller_name, :line, :line_name, :trunk, :started_at,
    :first_ringing_at,
    :answered_at, :answered_by, :answered_late, :transfer_unanswered, :ended_at, :reason, :known_at, :source)
ON CONFLICT (pbx_call) DO UPDATE SET
    direction = excluded.direction,
    caller = excluded.caller,
    peer = excluded.peer,
    caller_name = excluded.caller_name,
    first_ringing_at = coalesce(calls.first_ringing_at, excluded.first_ringing_at),
    answered_at = coalesce(calls.answered_at, excluded.answered_at),
    answered_by = coalesce(calls.answered_by, excluded.answered_by),
    answered_late = max(calls.answered_late, excluded.answered_late,
        calls.reason IS NOT NULL AND excluded.answered_at IS NOT NULL),
    transfer_unanswered = excluded.transfer_unanswered,
    ended_at = coalesce(calls.ended_at, excluded.ended_at),
    reason = coalesce(calls.reason, excluded.reason),
    known_at = coalesce(calls.known_at, excluded.known_at)
RETURNING id, decision, answered_at

-- name: decide
-- Write the one decision about a call. Changes no row if there is one already.
UPDATE calls SET decision = :decision, rule = :rule, because = :because, decided_at = :at
WHERE id = :call_id AND decision IS NULL

-- name: redecide
-- A deferred decision is taken at last.
UPDATE calls SET decision = :decision, rule = :rule, because = :because, decided_at = :at
WHERE id = :call_id AND decision = 'defer'

-- name: forget_phones
-- The phones of a call are about to be written anew.
DELETE FROM call_phones WHERE call_id = :call_id

-- name: put_phone
-- One phone of a call.
INSERT INTO call_phones (call_id, position, phone, rang_at, joined_at, attempt, number)
VALUES (:call_id, :position, :phone, :rang_at, :joined_at, :attempt, :number)

-- name: talking_now
-- A call on which somebody talks to this number at this moment.
SELECT answered_by FROM calls
WHERE peer = :number AND answered_at IS NOT NULL AND ended_at IS NULL AND id <> :call_id LIMIT 1

-- name: talked_since
-- Whether this number talked to somebody on another call after the given time: it got through, or was called back.
SELECT direction, answered_at FROM calls
WHERE peer = :number AND started_at > :earliest AND id <> :call_id AND answered_at > :since
ORDER BY started_at DESC LIMIT 1

-- name: first_talk
-- When this number first talked to somebody after the given time, on any call.
SELECT min(answered_at) FROM calls WHERE peer = :number AND started_at > :earliest AND answered_at > :since

-- name: called_back
-- Staff called this number and a human answered, after the given time.
SELECT answered_at FROM calls
WHERE peer = :number AND started_at > :earliest AND direction = 'outbound' AND answered_at > :since
ORDER BY started_at DESC LIMIT 1

-- name: trunk_ends
-- The ends through which calls from outside came lately: a live listing doesn't show where a call began.
SELECT DISTINCT trunk FROM (SELECT trunk, direction FROM calls ORDER BY started_at DESC LIMIT 5000)
WHERE direction = 'inbound' AND trunk IS NOT NULL

-- name: in_flight
-- Calls whose end nobody saw.
SELECT id, pbx_call, direction, caller, peer, line, started_at, answered_at, decision FROM calls WHERE ended_at IS NULL

-- name: end_unseen
-- The call is over; nobody saw when.
UPDATE calls SET ended_at = :at WHERE id = :call_id AND ended_at IS NULL

-- name: by_pbx_call
-- The row of a call by the PBX's own name of it.
SELECT id, decision, answered_at, ended_at FROM calls WHERE pbx_call = :pbx_call

-- name: newest
-- Calls, newest first, for people.
SELECT calls.*, texts.body AS text_body, texts.state AS text_state
FROM calls LEFT JOIN texts ON texts.call_id = calls.id AND texts.kind = 'first'
WHERE calls.started_at >= :since
ORDER BY calls.started_at DESC, calls.id DESC LIMIT :limit

-- name: one
-- One call for people, by our number or by the PBX's name.
SELECT calls.*, texts.body AS text_body, texts.state AS text_state
FROM calls LEFT JOIN texts ON texts.call_id = calls.id AND texts.kind = 'first'
WHERE calls.id = :id OR calls.pbx_call = :pbx_call

-- name: phones
-- The phones of a call in the order in which they were tried.
SELECT phone, rang_at, joined_at, attempt, number FROM call_phones WHERE call_id = :call_id ORDER BY position

-- name: callback_list
-- Inbound calls nobody answered, whose caller was not reached since and is known: people to call back.
SELECT calls.*, texts.body AS text_body, texts.state AS text_state
FROM calls LEFT JOIN texts ON texts.call_id = calls.id AND texts.kind = 'first'
WHERE calls.started_at >= :since AND calls.direction = 'inbound' AND calls.answered_at IS NULL
    AND calls.caller IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM calls AS later
        WHERE later.peer = calls.peer AND later.answered_at IS NOT NULL AND later.started_at > calls.started_at)
ORDER BY calls.started_at DESC LIMIT :limit
