-- name: open
-- An urgent caller's ladder begins.
INSERT INTO ladders (reply_id, number, words, opened_at, promised_at, state, step, due_at)
VALUES (:reply_id, :number, :words, :at, :promised_at, 'asking', 0, :at) RETURNING *

-- name: open_of
-- The ladder of a number that nobody has seen yet.
SELECT * FROM ladders WHERE number = :number AND state IN ('asking', 'unheard')

-- name: by_id
-- One ladder.
SELECT * FROM ladders WHERE id = :ladder_id

-- name: last_of
-- The newest ladder of a number.
SELECT * FROM ladders WHERE number = :number ORDER BY opened_at DESC LIMIT 1

-- name: of
-- The ladders of a number that were opened in some time.
SELECT * FROM ladders WHERE number = :number AND opened_at >= :since AND opened_at < :until ORDER BY opened_at

-- name: move
-- Move a ladder on. Changes exactly one row, or it wasn't where the mover thought.
UPDATE ladders SET state = :after, step = :step, due_at = :due_at, seen_by = coalesce(seen_by, :seen_by),
    seen_at = coalesce(seen_at, :seen_at), reached_at = coalesce(reached_at, :reached_at),
    closed_at = :closed_at, closed_as = :closed_as
WHERE id = :ladder_id AND state = :before AND step = :step_before

-- name: due
-- Ladders that go on by themselves by now.
SELECT * FROM ladders WHERE due_at IS NOT NULL AND due_at <= :now ORDER BY due_at

-- name: unreachable
-- Ladders whose time runs for somebody who can't be reached: the text came to nothing, and no notice went out.
SELECT ladders.* FROM ladders
JOIN ladder_asks AS ask ON ask.id = (SELECT max(id) FROM ladder_asks WHERE ladder_id = ladders.id)
LEFT JOIN texts ON texts.id = ask.text_id
WHERE ladders.state IN ('asking', 'unheard') AND ladders.state = 'asking' AND ladders.due_at > :now
    AND ask.notice IN ('none', 'failed')
    AND (ask.text_id IS NULL OR texts.state IN ('cancelled', 'expired', 'failed'))

-- name: next_due
-- When the next ladder goes on by itself.
SELECT min(due_at) FROM ladders WHERE due_at IS NOT NULL

-- name: unheard
-- How many ladders everybody was asked about and nobody has seen.
SELECT count(*) FROM ladders WHERE state IN ('asking', 'unheard') AND state = 'unheard'

-- name: ask
-- A person is asked.
INSERT INTO ladder_asks (ladder_id, person, number, at, token, body, text_id, notice)
VALUES (:ladder_id, :person, :number, :at, :token, :body, :text_id, :notice)

-- name: asks_of
-- Who was asked about a ladder, in order.
SELECT * FROM ladder_asks WHERE ladder_id = :ladder_id ORDER BY id

-- name: asked_by_text
-- What a number was asked about last, newest first.
SELECT ladder_asks.*, ladders.state FROM ladder_asks JOIN ladders ON ladders.id = ladder_asks.ladder_id
WHERE ladder_asks.number = :number AND ladder_asks.at > :since ORDER BY ladder_asks.at DESC, ladder_asks.id DESC

-- name: asked_by_link
-- What a link is about.
SELECT * FROM ladder_asks WHERE token = :token

-- name: notices
-- Notices that have not gone out yet.
SELECT * FROM ladder_asks WHERE notice = 'waiting' ORDER BY id LIMIT 20

-- name: noticed
-- What became of a notice.
UPDATE ladder_asks SET notice = :notice, detail = :detail WHERE id = :ask_id

-- name: newest
-- Ladders for people, newest first.
SELECT * FROM ladders WHERE opened_at >= :since ORDER BY opened_at DESC LIMIT :limit
