-- name: rang
-- The number rang for a caller once more.
INSERT INTO learnt_numbers (number, first_at, last_at, calls, ours) VALUES (:number, :at, :at, 1, 1)
ON CONFLICT (number) DO UPDATE SET last_at = max(last_at, excluded.last_at), calls = calls + 1

-- name: say
-- A person says whether the number is ours, whatever the PBX does.
INSERT INTO learnt_numbers (number, first_at, last_at, calls, ours, said) VALUES (:number, :at, :at, 0, :ours, :said)
ON CONFLICT (number) DO UPDATE SET ours = excluded.ours, said = excluded.said

-- name: get
-- What is known of a number that rang for callers.
SELECT first_at, last_at, calls, ours, said FROM learnt_numbers WHERE number = :number

-- name: every
-- Every number that rang for callers, the busiest first.
SELECT number, first_at, last_at, calls, ours, said FROM learnt_numbers ORDER BY calls DESC, number
