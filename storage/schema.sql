-- The ledger. Times are UTC seconds since the epoch (REAL). Numbers are E.164 unless said otherwise.
-- What must never break stands here as a constraint, not in code.

-- One row for every call the PBX told of; inbound ones from their first event on.
CREATE TABLE calls (
    id INTEGER PRIMARY KEY,
    pbx_call TEXT NOT NULL UNIQUE,             -- the PBX's own name of the call
    direction TEXT NOT NULL CHECK (direction IN ('inbound', 'internal', 'outbound')),
    caller TEXT,                               -- E.164 where it can be read, else as received; NULL where withheld
    peer TEXT,                                 -- the outside party's E.164 number, if there is one
    caller_name TEXT,                          -- as received
    line TEXT,                                 -- the number dialled, E.164 where it can be read; NULL if not inbound
    line_name TEXT,
    trunk TEXT,                                -- the PBX's name of the end it came in through
    started_at REAL NOT NULL,
    first_ringing_at REAL,
    answered_at REAL,                          -- a human and the caller talked
    answered_by TEXT,
    answered_late INTEGER NOT NULL DEFAULT 0 CHECK (answered_late IN (0, 1)),
    transfer_unanswered INTEGER NOT NULL DEFAULT 0 CHECK (transfer_unanswered IN (0, 1)),
    ended_at REAL,
    reason TEXT CHECK (reason IN ('forwarded', 'pbx_stopped', 'voicemail', 'queue_timeout', 'queue_abandoned',
        'abandoned', 'no_answer', 'declined', 'busy', 'unreachable', 'menu_abandoned', 'closed', 'other')),
    known_at REAL,                             -- when it was safe to decide
    decision TEXT CHECK (decision IN ('text', 'skip', 'defer')),
    rule TEXT,                                 -- the name of the rule that decided
    because TEXT,                              -- what was found for this very call, in words
    decided_at REAL,
    source TEXT NOT NULL CHECK (source IN ('live', 'records')),
    CHECK ((decision IS NULL) = (rule IS NULL) AND (decision IS NULL) = (decided_at IS NULL))
) STRICT;
CREATE INDEX calls_by_time ON calls (started_at);
CREATE INDEX calls_by_peer ON calls (peer, started_at) WHERE peer IS NOT NULL;
CREATE INDEX calls_in_flight ON calls (pbx_call) WHERE ended_at IS NULL;

-- The phones of a call, in the order in which they were tried.
CREATE TABLE call_phones (
    call_id INTEGER NOT NULL REFERENCES calls ON DELETE CASCADE,
    position INTEGER NOT NULL,
    phone TEXT NOT NULL,
    rang_at REAL,
    joined_at REAL,
    attempt TEXT NOT NULL, number TEXT,
    PRIMARY KEY (call_id, position)
) STRICT, WITHOUT ROWID;

-- Every text, from the decision that wanted it to its end. sms/states.py has the legal moves.
CREATE TABLE texts (
    id INTEGER PRIMARY KEY,
    ref TEXT NOT NULL UNIQUE,                  -- our own name of it, told to the provider where it can be
    call_id INTEGER REFERENCES calls,
    kind TEXT NOT NULL CHECK (kind IN ('first', 'follow_up', 'ladder', 'confirm', 'help', 'staff', 'test')),
    number TEXT NOT NULL,
    body TEXT NOT NULL,
    segments INTEGER NOT NULL CHECK (segments >= 1),
    state TEXT NOT NULL CHECK (state IN ('queued', 'deferred', 'sending', 'accepted', 'sent', 'delivered', 'shadow',
        'cancelled', 'expired', 'failed', 'unknown')),
    created_at REAL NOT NULL,
    due_at REAL NOT NULL,                      -- not handed over before
    fresh_until REAL NOT NULL,                 -- not handed over after
    sending_at REAL,                           -- committed before the first byte left
    sid TEXT UNIQUE,                           -- the provider's name of it
    ask_at REAL,                               -- when to ask the provider next; NULL: nothing to ask
    asked INTEGER NOT NULL DEFAULT 0,
    fault TEXT,                                -- what kind of failure
    code TEXT,                                 -- the provider's code
    detail TEXT,                               -- in words
    price TEXT,
    CHECK (kind <> 'first' OR call_id IS NOT NULL),
    CHECK (state NOT IN ('accepted', 'sent', 'delivered') OR sid IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX texts_one_per_miss ON texts (call_id, kind)
    WHERE call_id IS NOT NULL AND kind IN ('first', 'follow_up', 'confirm', 'help');
CREATE UNIQUE INDEX texts_one_live_per_caller ON texts (number)
    WHERE kind = 'first' AND state IN ('queued', 'deferred', 'sending');
CREATE INDEX texts_of_call ON texts (call_id) WHERE call_id IS NOT NULL;
CREATE INDEX texts_waiting ON texts (due_at) WHERE state IN ('queued', 'deferred');
CREATE INDEX texts_sending ON texts (id) WHERE state = 'sending';
CREATE INDEX texts_to_ask ON texts (ask_at) WHERE ask_at IS NOT NULL;
CREATE INDEX texts_by_number ON texts (number, created_at);
CREATE INDEX texts_by_time ON texts (created_at);

-- Only the moves of sms/states.py. A late worker can't bring a text back that is done with.
CREATE TRIGGER texts_moves BEFORE UPDATE OF state ON texts
    WHEN NEW.state <> OLD.state AND OLD.state || '>' || NEW.state NOT IN (
        'queued>sending', 'queued>cancelled', 'queued>expired', 'deferred>queued',
        'deferred>cancelled', 'deferred>expired', 'sending>queued', 'sending>accepted',
        'sending>failed', 'sending>unknown', 'unknown>accepted', 'accepted>sent',
        'accepted>delivered', 'accepted>failed', 'accepted>expired', 'sent>delivered',
        'sent>failed', 'sent>expired')
BEGIN
    SELECT RAISE(ABORT, 'a text cannot move so');
END;

-- Every move of a text, and every word of the provider about it, in order.
CREATE TABLE text_moves (
    id INTEGER PRIMARY KEY,
    text_id INTEGER NOT NULL REFERENCES texts,
    at REAL NOT NULL,
    before TEXT,
    after TEXT NOT NULL,
    note TEXT
) STRICT;
CREATE INDEX text_moves_of ON text_moves (text_id);

-- What callers wrote back. `sid` makes the same reply, met twice, one.
CREATE TABLE replies (
    id INTEGER PRIMARY KEY,
    sid TEXT NOT NULL UNIQUE,
    number TEXT NOT NULL,
    to_number TEXT NOT NULL,
    body TEXT NOT NULL,
    media INTEGER NOT NULL DEFAULT 0,
    meaning TEXT NOT NULL CHECK (meaning IN ('opt_out', 'opt_in', 'other')),
    received_at REAL NOT NULL,
    recorded_at REAL NOT NULL,
    raw TEXT NOT NULL
, intent TEXT CHECK (intent IN ('opt_out', 'opt_in', 'help', 'auto_reply', 'urgent',
    'callback_time', 'question', 'thanks', 'wrong_number', 'other'))) STRICT;
CREATE INDEX replies_by_number ON replies (number, received_at);
CREATE INDEX replies_by_time ON replies (received_at);

-- Opt-outs from the whole business, kept for ever; lifted ones stay as evidence.
CREATE TABLE opt_outs (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL,
    at REAL NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('keyword', 'own_words', 'provider', 'admin')),
    words TEXT NOT NULL,
    reply_id INTEGER REFERENCES replies,
    lifted_at REAL,
    lifted_by TEXT CHECK (lifted_by IN ('keyword', 'own_words', 'provider', 'admin')),
    lifted_words TEXT,
    CHECK ((lifted_at IS NULL) = (lifted_by IS NULL))
) STRICT;
CREATE UNIQUE INDEX opt_outs_in_force ON opt_outs (number) WHERE lifted_at IS NULL;

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

-- Numbers a person blocked.
CREATE TABLE blocks (number TEXT PRIMARY KEY, at REAL NOT NULL, note TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- Numbers known not to take texts, until when.
CREATE TABLE no_texts (
    number TEXT PRIMARY KEY, until REAL NOT NULL, at REAL NOT NULL, why TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Conditions that outlast a restart: 'paused', 'sending_stopped'.
CREATE TABLE conditions (
    code TEXT PRIMARY KEY, since REAL NOT NULL, until REAL, detail TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- How far things have been followed: 'pbx' listened to, 'replies' fetched.
CREATE TABLE marks (name TEXT PRIMARY KEY, at REAL NOT NULL) STRICT, WITHOUT ROWID;
