-- name: directions
-- How many calls of each direction there were since then.
SELECT direction, count(*) AS calls FROM calls WHERE started_at >= :since
GROUP BY direction

-- name: texts_since
-- How many texts were decided since then, how many of them failed, and how many nobody knows the fate of.
SELECT count(*) AS texts, count(*) FILTER (WHERE state = 'failed') AS failed,
    count(*) FILTER (WHERE state = 'unknown') AS unknown
FROM texts WHERE created_at >= :since AND state NOT IN ('shadow', 'cancelled')

-- name: overdue
-- How many texts should have been handed over by then and weren't, and since when the oldest waits.
SELECT count(*) AS texts, min(due_at) AS since FROM texts WHERE state IN ('queued', 'deferred') AND due_at < :by
