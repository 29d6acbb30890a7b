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

-- Every word the provider posted about a text; the same word met again is one.
CREATE TABLE status_words (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    sid TEXT NOT NULL,
    ref TEXT,
    raw TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX status_words_once ON status_words (sid, raw);

-- The number outside by which a phone of a call was reached, where one was dialled before anybody had answered.
ALTER TABLE call_phones ADD COLUMN number TEXT;

-- Numbers outside that rang for callers: mobiles of staff, follow-me targets. They are ours until a person says not.
CREATE TABLE learnt_numbers (
    number TEXT PRIMARY KEY,
    first_at REAL NOT NULL,
    last_at REAL NOT NULL,
    calls INTEGER NOT NULL,                    -- how many calls it rang for
    ours INTEGER NOT NULL CHECK (ours IN (0, 1)),
    said TEXT                                  -- the words of the person who corrected it
) STRICT, WITHOUT ROWID;

-- An urgent caller: who is asked to take it, one after the other, until somebody has seen it.
CREATE TABLE ladders (
    id INTEGER PRIMARY KEY,
    reply_id INTEGER NOT NULL UNIQUE REFERENCES replies,
    number TEXT NOT NULL,
    words TEXT NOT NULL,
    opened_at REAL NOT NULL,
    promised_at REAL NOT NULL,                 -- a call was promised until then
    state TEXT NOT NULL CHECK (state IN ('asking', 'unheard', 'seen', 'closed')),
    step INTEGER NOT NULL,                     -- how many people have been asked
    due_at REAL,                               -- when it goes on by itself; NULL: it doesn't
    seen_by TEXT,
    seen_at REAL,
    reached_at REAL,                           -- a human and the caller talked, or it was said so
    closed_at REAL,
    closed_as TEXT,                            -- why, in words
    CHECK ((seen_by IS NULL) = (seen_at IS NULL) AND (closed_at IS NULL) = (closed_as IS NULL))
) STRICT;
CREATE UNIQUE INDEX ladders_open ON ladders (number) WHERE state IN ('asking', 'unheard');
CREATE INDEX ladders_due ON ladders (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ladders_by_number ON ladders (number, opened_at);
CREATE INDEX ladders_by_time ON ladders (opened_at);

-- Only the moves of agent/conversations/escalation.py.
CREATE TRIGGER ladders_moves BEFORE UPDATE OF state ON ladders
    WHEN NEW.state <> OLD.state AND OLD.state || '>' || NEW.state NOT IN (
        'asking>unheard', 'asking>seen', 'unheard>seen', 'asking>closed', 'unheard>closed', 'seen>closed')
BEGIN
    SELECT RAISE(ABORT, 'a ladder cannot move so');
END;

-- Each time a person was asked. The token is the link's; the notice goes by whatever else reaches that person.
CREATE TABLE ladder_asks (
    id INTEGER PRIMARY KEY,
    ladder_id INTEGER NOT NULL REFERENCES ladders,
    person TEXT NOT NULL,
    number TEXT,
    at REAL NOT NULL,
    token TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    text_id INTEGER REFERENCES texts,
    notice TEXT NOT NULL CHECK (notice IN ('none', 'waiting', 'sent', 'failed')),
    detail TEXT
) STRICT;
CREATE INDEX ladder_asks_of ON ladder_asks (ladder_id);
CREATE INDEX ladder_asks_by_number ON ladder_asks (number, at) WHERE number IS NOT NULL;
CREATE INDEX ladder_asks_waiting ON ladder_asks (id) WHERE notice = 'waiting';

-- What people did about a caller. No row: nobody did anything yet. A later miss or reply opens a thread that was done.
CREATE TABLE threads (
    number TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('open', 'claimed', 'waiting', 'done')),
    by TEXT NOT NULL,                          -- who moved it last
    at REAL NOT NULL,                          -- when
    outcome TEXT CHECK (outcome IN ('booked', 'won', 'lost', 'spam', 'no_need')),
    amount REAL,                               -- in the office's currency
    note TEXT,
    CHECK ((state = 'done') = (outcome IS NOT NULL) AND (amount IS NULL OR state = 'done'))
) STRICT, WITHOUT ROWID;

-- Every move of a thread, in order.
CREATE TABLE thread_moves (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL,
    at REAL NOT NULL,
    by TEXT NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT,
    amount REAL,
    note TEXT
) STRICT;
CREATE INDEX thread_moves_of ON thread_moves (number, at);
