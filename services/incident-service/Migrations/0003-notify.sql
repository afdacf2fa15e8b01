-- What is told of incidents, written in the transaction that changes one. The text is sent as it stands here, however often.
CREATE TABLE incident.notify_events (
    number        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id            text NOT NULL UNIQUE,
    incident_id   text NOT NULL REFERENCES incident.incidents (id),
    tenant        text NOT NULL,
    severity      text NOT NULL,
    name          text NOT NULL,
    at            timestamptz NOT NULL,
    body          text NOT NULL,
    -- An escalation is for these targets, whatever else they ask for; null: for whoever asks for it.
    only_targets  text[] NULL,
    dispatched_at timestamptz NULL
);
CREATE INDEX notify_events_new ON incident.notify_events (number) WHERE dispatched_at IS NULL;
CREATE INDEX notify_events_incident ON incident.notify_events (incident_id, number);

-- One row an event and target: nobody is told of the same event by two rows.
CREATE TABLE incident.notify_deliveries (
    number       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_number bigint NOT NULL REFERENCES incident.notify_events (number),
    incident_id  text NOT NULL,
    tenant       text NOT NULL,
    target       text NOT NULL,
    kind         text NOT NULL,
    state        text NOT NULL CHECK (state IN ('Pending', 'Delivered', 'Dead')),
    attempts     integer NOT NULL,
    created_at   timestamptz NOT NULL,
    -- Since when it is being tried: its creation, or the last resend.
    tried_since  timestamptz NOT NULL,
    due_at       timestamptz NOT NULL,
    -- Who sends it now, and until when nobody else does.
    lease_owner  uuid NULL,
    lease_until  timestamptz NULL,
    ended_at     timestamptz NULL,
    reason       text NULL,
    UNIQUE (event_number, target)
);
CREATE INDEX notify_deliveries_due ON incident.notify_deliveries (target, due_at) WHERE state = 'Pending';
CREATE INDEX notify_deliveries_order ON incident.notify_deliveries (incident_id, target, event_number) WHERE state = 'Pending';
CREATE INDEX notify_deliveries_incident ON incident.notify_deliveries (incident_id, number DESC);
CREATE INDEX notify_deliveries_tenant ON incident.notify_deliveries (tenant, number DESC);

CREATE TABLE incident.notify_acknowledgements (
    incident_id text PRIMARY KEY REFERENCES incident.incidents (id),
    at          timestamptz NOT NULL,
    actor       text NOT NULL
);
