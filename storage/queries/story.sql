-- name: opt_out_at
-- The opt-out that was in force for a number at that time.
SELECT at, source, words FROM opt_outs
WHERE number = :number AND at <= :at AND (lifted_at IS NULL OR lifted_at > :at) ORDER BY at DESC LIMIT 1

-- name: text_before
-- The last text to a number before that time that left, or may have.
SELECT id, created_at FROM texts WHERE number = :number AND created_at < :at AND kind IN ('first', 'follow_up')
    AND (state NOT IN ('cancelled', 'expired', 'failed') OR (state = 'failed' AND sid IS NOT NULL))
ORDER BY created_at DESC LIMIT 1

-- name: talk_before
-- The last other call on which a human talked to this number by that time.
SELECT id, direction, started_at, answered_at, answered_by, ended_at FROM calls
WHERE peer = :number AND id <> :call_id AND answered_at <= :at ORDER BY answered_at DESC LIMIT 1

-- name: sent_before
-- How many texts left by themselves in the hour and the day before that time, and how many of them to this number.
SELECT count(*) FILTER (WHERE created_at > :at - 3600) AS hour, count(*) AS day,
    count(*) FILTER (WHERE number = :number) AS number
FROM texts WHERE created_at > :at - 86400 AND created_at < :at AND kind IN ('first', 'follow_up')
    AND state NOT IN ('cancelled', 'expired')

-- name: calls_after
-- Other calls from or to a number after that time, in order.
SELECT id, direction, started_at, answered_at, answered_by, ended_at FROM calls
WHERE peer = :number AND id <> :call_id AND started_at > :at AND started_at < :until ORDER BY started_at

-- name: last_call_of
-- The newest call from or to a number.
SELECT id FROM calls WHERE peer = :number ORDER BY started_at DESC LIMIT 1
