-- name: due
-- First texts that reached or left for somebody who hasn't been heard of or talked to since, nor followed up.
SELECT texts.id, texts.call_id, texts.number, texts.created_at, calls.line AS line FROM texts
JOIN calls ON calls.id = texts.call_id
WHERE texts.created_at BETWEEN :earliest AND :latest AND texts.kind = 'first'
    AND texts.state IN ('accepted', 'sent', 'delivered')
    AND NOT EXISTS (SELECT 1 FROM texts AS later WHERE later.number = texts.number
        AND later.created_at > texts.created_at AND later.kind IN ('first', 'follow_up', 'staff', 'ladder'))
    AND NOT EXISTS (SELECT 1 FROM replies WHERE replies.number = texts.number
        AND replies.received_at > texts.created_at)
    AND NOT EXISTS (SELECT 1 FROM calls AS later WHERE later.peer = texts.number
        AND later.started_at > texts.created_at)
    AND NOT EXISTS (SELECT 1 FROM calls AS talk WHERE talk.peer = texts.number
        AND talk.started_at > texts.created_at - 21600 AND talk.answered_at IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM opt_outs WHERE opt_outs.number = texts.number AND opt_outs.lifted_at IS NULL)
    AND NOT EXISTS (SELECT 1 FROM doubts WHERE doubts.number = texts.number AND doubts.settled_at IS NULL)
    AND NOT EXISTS (SELECT 1 FROM blocks WHERE blocks.number = texts.number)
    AND NOT EXISTS (SELECT 1 FROM no_texts WHERE no_texts.number = texts.number AND no_texts.until > :now)
    AND NOT EXISTS (SELECT 1 FROM threads WHERE threads.number = texts.number AND threads.at > texts.created_at)
ORDER BY texts.created_at LIMIT 50

-- name: still_silent
-- Whether a number wrote, called, was called, or was dealt with after its first text.
SELECT NOT EXISTS (SELECT 1 FROM replies WHERE replies.number = :number AND replies.received_at > :since)
    AND NOT EXISTS (SELECT 1 FROM calls WHERE calls.peer = :number AND calls.started_at > :since)
    AND NOT EXISTS (SELECT 1 FROM threads WHERE threads.number = :number AND threads.at > :since)
