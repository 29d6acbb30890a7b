-- name: raise
-- A lasting condition begins; one that is there already keeps its beginning.
INSERT INTO conditions (code, since, until, detail) VALUES (:code, :at, :until, :detail)
ON CONFLICT (code) DO UPDATE SET until = excluded.until, detail = excluded.detail

-- name: clear
-- A lasting condition is over.
DELETE FROM conditions WHERE code = :code

-- name: current
-- Every condition in force.
SELECT code, since, until, detail FROM conditions WHERE until IS NULL OR until > :now ORDER BY code

-- name: mark
-- Remember how far something has been followed.
INSERT INTO marks (name, at) VALUES (:name, :at) ON CONFLICT (name) DO UPDATE SET at = excluded.at

-- name: marked
-- How far something has been followed.
SELECT at FROM marks WHERE name = :name
