-- name: calls_after
-- Other calls from or to a number after that time, in order.
SELECT id, direction, started_at, answered_at, answered_by, ended_at FROM calls
WHERE peer = :number AND id <> :call_id AND started_at > :at AND started_at < :until ORDER BY started_at

-- name: last_call_of
-- The newest call from or to a number.
SELECT id FROM calls WHERE peer = :number ORDER BY started_at DESC LIMIT 1
