-- What must not be deleted. Times are accepted-at, like the windows of jobs.
CREATE TABLE capture.holds (
    id text PRIMARY KEY,
    tenant text NOT NULL,
    services text[] NOT NULL,
    from_at timestamptz NOT NULL,
    -- Null: still growing.
    to_at timestamptz,
    -- Null: a legal hold, which has no end.
    until timestamptz,
    reason text NOT NULL,
    incident_id text,
    promoted_at timestamptz,
    -- A worker's lease on the promotion.
    promotion_due_at timestamptz NOT NULL,
    promotion_attempts integer NOT NULL DEFAULT 0,
    gaps jsonb NOT NULL DEFAULT '[]',
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    released_by text,
    released_at timestamptz,
    CHECK (to_at IS NULL OR from_at < to_at)
);
CREATE INDEX holds_newest ON capture.holds (id DESC);
CREATE INDEX holds_active ON capture.holds (tenant, from_at) WHERE released_at IS NULL;
CREATE INDEX holds_unpromoted ON capture.holds (promotion_due_at) WHERE promoted_at IS NULL AND released_at IS NULL;
