-- What the capture worker has to be asked for incidents: written in the transaction that makes it necessary, done until it is done.
CREATE TABLE incident.evidence_tasks (
    incident_id text NOT NULL REFERENCES incident.incidents (id),
    kind        text NOT NULL CHECK (kind IN ('hold', 'capture-on-open', 'capture-every', 'capture-on-close', 'close-hold')),
    number      integer NOT NULL,
    due_at      timestamptz NOT NULL,
    -- Grows with each try, and is a lease on it: who is killed meanwhile loses it to the next.
    next_try_at timestamptz NOT NULL,
    tries       integer NOT NULL DEFAULT 0,
    done_at     timestamptz NULL,
    -- What it made: a capture's or a hold's id.
    made        text NULL,
    failure     text NULL,
    PRIMARY KEY (incident_id, kind, number)
);
CREATE INDEX evidence_tasks_due ON incident.evidence_tasks (next_try_at) WHERE done_at IS NULL;
