CREATE TABLE incident.incidents (
    id               text PRIMARY KEY,
    tenant           text NOT NULL,
    services         text[] NOT NULL,
    reason           text NOT NULL,
    severity         text NOT NULL,
    state            text NOT NULL CHECK (state IN ('Requested', 'Active', 'CoolingDown', 'Closed', 'Expired')),
    sampling_rate    double precision NOT NULL,
    cooldown_seconds integer NOT NULL,
    version          bigint NOT NULL,
    started_at       timestamptz NOT NULL,
    active_until     timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    ended_at         timestamptz NULL,
    -- The latest expires_at that gateways were ever told: until then one that missed everything since may still sample at the raised rate.
    announced_until  timestamptz NOT NULL,
    opened_by        text NOT NULL
);
CREATE INDEX incidents_tenant ON incident.incidents (tenant, id DESC);
CREATE INDEX incidents_live ON incident.incidents (expires_at) WHERE state IN ('Requested', 'Active', 'CoolingDown');
CREATE INDEX incidents_announced ON incident.incidents (announced_until);

CREATE TABLE incident.events (
    number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incident_id text NOT NULL REFERENCES incident.incidents (id),
    at          timestamptz NOT NULL,
    actor       text NOT NULL,
    action      text NOT NULL,
    detail      text NULL
);
CREATE INDEX events_incident ON incident.events (incident_id, number);

-- What Redis has not been told yet: the newest version of an incident, written in the transaction that makes it.
CREATE TABLE incident.outbox (
    incident_id text PRIMARY KEY REFERENCES incident.incidents (id),
    version     bigint NOT NULL
);
