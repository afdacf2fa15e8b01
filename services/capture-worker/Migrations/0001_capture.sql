CREATE TABLE capture.jobs (
    id text PRIMARY KEY,
    tenant text NOT NULL,
    -- Unix nanoseconds: a timestamp of PostgreSQL keeps microseconds only, and the window is part of the evidence.
    from_ns bigint NOT NULL,
    to_ns bigint NOT NULL,
    services text[] NOT NULL,
    trace_id text,
    incident_id text,
    state text NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed')),
    phase text,
    progress double precision NOT NULL DEFAULT 0,
    worker text,
    lease_until timestamptz,
    attempt integer NOT NULL DEFAULT 0,
    failure text,
    bundle_name text,
    archive_hash text,
    records jsonb NOT NULL DEFAULT '{}',
    gaps jsonb NOT NULL DEFAULT '[]',
    files jsonb NOT NULL DEFAULT '[]',
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL,
    finished_at timestamptz,
    CHECK (from_ns < to_ns)
);

CREATE INDEX jobs_open ON capture.jobs (requested_at) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_newest ON capture.jobs (requested_at DESC, id DESC);

-- Every gateway that ever sent a heartbeat: Redis forgets, and a gateway that is not asked would be a gap without a name.
CREATE TABLE capture.gateways (
    gateway_id text PRIMARY KEY,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL
);
