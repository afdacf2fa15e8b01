-- Chunks that the last sweep of their tenant had to leave, although it was to judge them or take them away. A row goes when a sweep does not meet its chunk so any more.
CREATE TABLE capture.retention_left (
    manifest_key text PRIMARY KEY,
    tenant text NOT NULL,
    what text NOT NULL,
    since timestamptz NOT NULL,
    last_at timestamptz NOT NULL
);
CREATE INDEX retention_left_tenant ON capture.retention_left (tenant);
