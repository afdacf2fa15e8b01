-- Alerts that keep an incident from ending, as far as anybody has said: it is stopped when the last of them is resolved.
CREATE TABLE incident.hook_alerts (
    incident_id text NOT NULL REFERENCES incident.incidents (id),
    fingerprint text NOT NULL,
    -- As it was written: it tells one firing from the next.
    starts_at   text NOT NULL,
    PRIMARY KEY (incident_id, fingerprint)
);

-- Signed messages that were taken, for as long as their timestamps would let them be taken again, whichever replica hears them.
CREATE TABLE incident.hook_messages (
    orchestrator text NOT NULL,
    id           text NOT NULL,
    body_hash    text NOT NULL,
    forget_at    timestamptz NOT NULL,
    PRIMARY KEY (orchestrator, id)
);
CREATE INDEX hook_messages_forget ON incident.hook_messages (forget_at);
