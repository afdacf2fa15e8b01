-- What the sweeper is taking from the archive. A row comes before the first step of a removal and goes with the audit entry of its batch, so what
-- a crash leaves is found here. Times of records are unix nanoseconds, as in manifests.
CREATE TABLE capture.removals (
    manifest_key text PRIMARY KEY,
    -- Another worker that takes a row over gives it another batch: who lost it changes nothing any more.
    batch text NOT NULL,
    tenant text NOT NULL,
    signal text NOT NULL,
    tier text NOT NULL,
    accepted_from bigint NOT NULL,
    accepted_to bigint NOT NULL,
    services text[] NOT NULL,
    records bigint NOT NULL,
    stored_bytes bigint NOT NULL,
    action text NOT NULL CHECK (action IN ('expire', 'size', 'warm')),
    rule text NOT NULL,
    lease_until timestamptz NOT NULL,
    -- From then on it cannot be taken back.
    started_at timestamptz,
    removed_at timestamptz
);
CREATE INDEX removals_tenant ON capture.removals (tenant) WHERE removed_at IS NULL;
CREATE INDEX removals_lease ON capture.removals (lease_until);
