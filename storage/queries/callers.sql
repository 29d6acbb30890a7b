-- name: opt_out_in_force
-- The opt-out of a number, if one is in force.
SELECT id, at, source, words FROM opt_outs WHERE number = :number AND lifted_at IS NULL

-- name: opt_out
-- Write an opt-out; one in force stays as it is.
INSERT INTO opt_outs (number, at, source, words, reply_id) VALUES (:number, :at, :source, :words, :reply_id)
ON CONFLICT (number) WHERE lifted_at IS NULL DO NOTHING

-- name: lift_opt_out
-- Lift the opt-out in force; the row stays as evidence.
UPDATE opt_outs SET lifted_at = :at, lifted_by = :source, lifted_words = :words
WHERE number = :number AND lifted_at IS NULL

-- name: opt_outs
-- Every opt-out, newest first, with what is evidence of it.
SELECT number, at, source, words, lifted_at, lifted_by, lifted_words FROM opt_outs ORDER BY at DESC, id DESC

-- name: block
-- A person blocks a number.
INSERT INTO blocks (number, at, note) VALUES (:number, :at, :note)
ON CONFLICT (number) DO UPDATE SET note = excluded.note

-- name: unblock
-- A person lifts a block.
DELETE FROM blocks WHERE number = :number

-- name: blocked
-- Whether a person blocked the number.
SELECT at, note FROM blocks WHERE number = :number

-- name: blocks
-- Every blocked number.
SELECT number, at, note FROM blocks ORDER BY at DESC

-- name: takes_no_texts
-- Leave a number alone until then, longer if it was to be left alone longer.
INSERT INTO no_texts (number, until, at, why) VALUES (:number, :until, :at, :why)
ON CONFLICT (number) DO UPDATE SET until = max(until, excluded.until), at = excluded.at, why = excluded.why

-- name: no_texts
-- Why a number is left alone, if it still is.
SELECT why, until FROM no_texts WHERE number = :number AND until > :now

-- name: doubt
-- What may be an opt-out; a doubt that is open already stays as it is.
INSERT INTO doubts (number, at, words, reply_id) VALUES (:number, :at, :words, :reply_id)
ON CONFLICT (number) WHERE settled_at IS NULL DO NOTHING

-- name: open_doubt
-- Whether a number may have opted out, and nobody has looked yet.
SELECT at, words FROM doubts WHERE number = :number AND settled_at IS NULL

-- name: settle_doubt
-- A person has looked, or the caller made it plain; the row stays.
UPDATE doubts SET settled_at = :at, settled_as = :how WHERE number = :number AND settled_at IS NULL

-- name: doubts
-- Every open doubt, oldest first.
SELECT number, at, words FROM doubts WHERE settled_at IS NULL ORDER BY at, id

-- name: add_reply
-- Keep a reply; one met before (same sid) changes nothing.
INSERT INTO replies (sid, number, to_number, body, media, meaning, intent, received_at, recorded_at, raw)
VALUES (:sid, :number, :to_number, :body, :media, :meaning, :intent, :received_at, :at, :raw)
ON CONFLICT (sid) DO NOTHING RETURNING id

-- name: learn_time
-- When a reply was written, where only was known when it came in.
UPDATE replies SET received_at = :at WHERE sid = :sid AND received_at != :at RETURNING id, number

-- name: learn_time_of_opt_out
-- The same of an opt-out in force by that reply.
UPDATE opt_outs SET at = :at WHERE number = :number AND lifted_at IS NULL AND reply_id = :reply_id

-- name: learn_time_of_doubt
-- The same of an open doubt by that reply.
UPDATE doubts SET at = :at WHERE number = :number AND settled_at IS NULL AND reply_id = :reply_id

-- name: opted_out_since
-- Opt-outs in force from then on, and words that found one in force already.
SELECT 1 FROM opt_outs WHERE number = :number AND lifted_at IS NULL AND at >= :at
UNION ALL SELECT 1 FROM replies WHERE number = :number AND meaning = 'opt_out' AND received_at >= :at

-- name: replies
-- Replies, newest first, for people.
SELECT sid, number, to_number, body, media, meaning, intent, received_at FROM replies
WHERE received_at >= :since ORDER BY received_at DESC, id DESC LIMIT :limit

-- name: replies_of
-- What a number wrote since then, in order.
SELECT body, meaning, received_at FROM replies WHERE number = :number AND received_at >= :since ORDER BY received_at
