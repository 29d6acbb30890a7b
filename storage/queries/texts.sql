-- name: add
-- A new text, as decided.
INSERT INTO texts (ref, call_id, kind, number, body, segments, state, created_at, due_at, fresh_until)
VALUES (:ref, :call_id, :kind, :number, :body, :segments, :state, :at, :due_at, :fresh_until) RETURNING id

-- name: note_move
-- One move, or one word of the provider.
INSERT INTO text_moves (text_id, at, before, after, note) VALUES (:text_id, :at, :before, :after, :note)

-- name: move
-- Move a text on. Changes exactly one row, or the text wasn't where the mover thought.
UPDATE texts SET state = :after, sending_at = coalesce(:sending_at, sending_at), sid = coalesce(:sid, sid),
    ask_at = :ask_at, fault = coalesce(:fault, fault), code = coalesce(:code, code), detail = coalesce(:detail, detail),
    segments = coalesce(:segments, segments), price = coalesce(:price, price), due_at = coalesce(:due_at, due_at)
WHERE id = :text_id AND state = :before

-- name: asked
-- The provider was asked; when to ask next.
UPDATE texts SET asked = asked + 1, ask_at = :ask_at WHERE id = :text_id

-- name: learn
-- What the provider says of a text that stays where it is.
UPDATE texts SET segments = coalesce(:segments, segments), price = coalesce(:price, price) WHERE id = :text_id

-- name: by_id
-- One text.
SELECT * FROM texts WHERE id = :text_id

-- name: due
-- Texts to hand over by now, oldest first.
SELECT id FROM texts WHERE state IN ('queued', 'deferred') AND due_at <= :now ORDER BY due_at LIMIT :limit

-- name: next_due
-- When the next text that is not due yet will be.
SELECT min(due_at) FROM texts WHERE state IN ('queued', 'deferred') AND due_at > :now

-- name: interrupted
-- Texts that were being handed over when the program stopped.
SELECT id FROM texts WHERE state = 'sending'

-- name: to_ask
-- Texts the provider should be asked about by now.
SELECT * FROM texts WHERE ask_at IS NOT NULL AND ask_at <= :now ORDER BY ask_at LIMIT :limit

-- name: next_ask
-- When the provider should next be asked about a text.
SELECT min(ask_at) FROM texts WHERE ask_at IS NOT NULL

-- name: waiting_for
-- Texts to a number that have not left yet, a person's own and the confirmation of an opt-out excepted.
SELECT id, state FROM texts WHERE number = :number AND state IN ('queued', 'deferred')
    AND kind NOT IN ('staff', 'confirm')

-- name: is_waiting_for
-- Whether a first text to a number is still on its way out; there is never a second beside it.
SELECT 1 FROM texts WHERE number = :number AND kind = 'first' AND state IN ('queued', 'deferred', 'sending')

-- name: waiting_of_call
-- The first text of a call if it has not left yet.
SELECT id, state FROM texts WHERE call_id = :call_id AND kind = 'first' AND state IN ('queued', 'deferred')

-- name: last_to
-- When this number was last texted by itself; a text of unknown fate counts, one that never left doesn't.
SELECT max(created_at) FROM texts WHERE number = :number AND created_at > :since AND kind IN ('first', 'follow_up')
    AND (state NOT IN ('cancelled', 'expired', 'failed') OR (state = 'failed' AND sid IS NOT NULL))

-- name: count_since
-- How many texts went out by themselves since then, and how many of them to this number.
SELECT count(*) FILTER (WHERE created_at > :hour) AS hour, count(*) AS day,
    count(*) FILTER (WHERE number = :number) AS number
FROM texts WHERE created_at > :day AND kind IN ('first', 'follow_up') AND state NOT IN ('cancelled', 'expired')

-- name: newest
-- Texts, newest first, for people.
SELECT texts.*, calls.pbx_call, calls.line FROM texts LEFT JOIN calls ON calls.id = texts.call_id
WHERE texts.created_at >= :since ORDER BY texts.created_at DESC, texts.id DESC LIMIT :limit

-- name: of_call
-- The texts of a call, in order.
SELECT * FROM texts WHERE call_id = :call_id ORDER BY id

-- name: moves
-- What became of a text, in order.
SELECT at, before, after, note FROM text_moves WHERE text_id = :text_id ORDER BY id

-- name: known_sid
-- Whether a text is already known under this name of the provider's.
SELECT id FROM texts WHERE sid = :sid

-- name: by_sid
-- A text by the provider's name of it.
SELECT * FROM texts WHERE sid = :sid

-- name: by_ref
-- A text by our own name of it.
SELECT * FROM texts WHERE ref = :ref

-- name: keep_word
-- A word of the provider, as it was posted; met again, it changes nothing.
INSERT INTO status_words (at, sid, ref, raw) VALUES (:at, :sid, :ref, :raw) ON CONFLICT (sid, raw) DO NOTHING

-- name: learn_sid
-- The provider's name of a text that is still being handed over.
UPDATE texts SET sid = :sid WHERE id = :text_id AND sid IS NULL

-- name: last_of_kind
-- When a text of this kind was last made for a number.
SELECT max(created_at) FROM texts WHERE number = :number AND created_at > :since AND kind = :kind

-- name: known_sids
-- The provider's names of texts to a number that are taken.
SELECT sid FROM texts WHERE number = :number AND sid IS NOT NULL AND created_at > :since

-- name: recent_activity
-- When the newest text was created, for deciding how often to fetch replies.
SELECT max(created_at) FROM texts
