-- The newest day root of each tenant, apart from the archive: a chain whose end was taken away shows against it.
CREATE TABLE capture.archive_roots (
    tenant text PRIMARY KEY,
    number bigint NOT NULL,
    sha256 text NOT NULL,
    written_at timestamptz NOT NULL
);

-- Scrubs of the archive. The cursor says how far one is; report is of that part.
CREATE TABLE capture.scrubs (
    id text PRIMARY KEY,
    -- Null: every one.
    tenant text,
    from_day date,
    to_day date,
    -- By the worker itself, in its round.
    scheduled boolean NOT NULL,
    state text NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed')),
    cursor jsonb,
    report jsonb,
    -- A worker's lease.
    lease_until timestamptz,
    attempt integer NOT NULL DEFAULT 0,
    failure text,
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE INDEX scrubs_open ON capture.scrubs (requested_at) WHERE state IN ('queued', 'running');
