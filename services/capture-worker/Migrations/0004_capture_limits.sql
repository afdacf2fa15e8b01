ALTER TABLE capture.jobs
    -- Grows with every change that a reader can see: the id of the event that tells of it.
    ADD COLUMN version bigint NOT NULL DEFAULT 1,
    -- When a worker first took it up: the time limit counts from there, over all attempts.
    ADD COLUMN started_at timestamptz,
    ADD COLUMN max_content_bytes bigint,
    ADD COLUMN max_duration_seconds integer,
    -- Null until it succeeded; otherwise what keeps the bundle from being complete, nothing when it is.
    ADD COLUMN incomplete jsonb;

ALTER TABLE capture.jobs DROP CONSTRAINT jobs_state_check;
ALTER TABLE capture.jobs ADD CONSTRAINT jobs_state_check CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled'));
