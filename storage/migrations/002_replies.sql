-- What a reply was taken for beside opting out and in; NULL for those recorded before.
ALTER TABLE replies ADD COLUMN intent TEXT CHECK (intent IN ('opt_out', 'opt_in', 'help', 'auto_reply', 'urgent',
    'callback_time', 'question', 'thanks', 'wrong_number', 'other'));

-- What may have been an opt-out: a person looks, and until then no automatic text goes to the number.
CREATE TABLE doubts (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL,
    at REAL NOT NULL,
    words TEXT NOT NULL,
    reply_id INTEGER NOT NULL REFERENCES replies,
    settled_at REAL,
    settled_as TEXT,                           -- how it ended, in words
    CHECK ((settled_at IS NULL) = (settled_as IS NULL))
) STRICT;
CREATE UNIQUE INDEX doubts_open ON doubts (number) WHERE settled_at IS NULL;
