-- name: put
-- A person moves a thread.
INSERT INTO threads (number, state, by, at, outcome, amount, note)
VALUES (:number, :state, :by, :at, :outcome, :amount, :note)
ON CONFLICT (number) DO UPDATE SET state = excluded.state, by = excluded.by, at = excluded.at,
    outcome = excluded.outcome, amount = excluded.amount, note = coalesce(excluded.note, threads.note)

-- name: note_move
-- One move of a thread, for its history.
INSERT INTO thread_moves (number, at, by, state, outcome, amount, note)
VALUES (:number, :at, :by, :state, :outcome, :amount, :note)

-- name: get
-- How a thread stands.
SELECT state, by, at, outcome, amount, note FROM threads WHERE number = :number

-- name: moves
-- Every move of a thread, in order.
SELECT at, by, state, outcome, amount, note FROM thread_moves WHERE number = :number ORDER BY at

-- name: missed
-- Who was missed since then, each caller once, with the newest call; the numbers of staff and of blocked ones left out.
SELECT coalesce(peer, caller) AS number, count(*) FILTER (WHERE started_at > coalesce((SELECT max(talk.answered_at)
        FROM calls AS talk WHERE talk.peer = calls.peer AND talk.started_at >= :since), 0)) AS missed, max(started_at) AS last_at, caller_name, line_name, reason,
    decision, rule
FROM calls
WHERE started_at >= :since AND direction = 'inbound' AND answered_at IS NULL AND decision IS NOT NULL
    AND caller IS NOT NULL AND rule <> 'blocked'
GROUP BY +coalesce(peer, caller)

-- name: replied
-- Who wrote since then, each once, with the newest text.
SELECT number, count(*) AS replies, max(received_at) AS last_at, body, intent FROM replies
WHERE received_at >= :since GROUP BY +number

-- name: reached
-- Who talked to somebody since then, and when last.
SELECT peer AS number, max(answered_at) AS last_at FROM calls
WHERE started_at >= :since AND peer IS NOT NULL AND answered_at IS NOT NULL GROUP BY +peer

-- name: moved
-- How the threads stand that a person ever moved.
SELECT number, state, by, at, outcome, amount, note FROM threads

-- name: written_to
-- Whom a person wrote to since then, and when last.
SELECT number, max(created_at) AS last_at FROM texts WHERE created_at >= :since AND kind = 'staff'
    AND state NOT IN ('cancelled', 'expired', 'failed') GROUP BY +number
