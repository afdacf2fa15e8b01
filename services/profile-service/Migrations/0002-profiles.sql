-- What people signed, as they sent it. Everything that is shown of a version is read from these bytes after judging them again,
-- so there is nothing beside them that could say something else.
CREATE TABLE profile.versions (
    profile      text NOT NULL,
    version      bigint NOT NULL,
    closure      bytea NOT NULL,
    author       bytea NOT NULL,
    published_by text NOT NULL,
    published_at timestamptz NOT NULL,
    PRIMARY KEY (profile, version)
);

CREATE TABLE profile.approvals (
    profile     text NOT NULL,
    version     bigint NOT NULL,
    number      integer NOT NULL,
    approval    bytea NOT NULL,
    uploaded_by text NOT NULL,
    uploaded_at timestamptz NOT NULL,
    PRIMARY KEY (profile, version, number),
    FOREIGN KEY (profile, version) REFERENCES profile.versions (profile, version)
);

CREATE TABLE profile.rollouts (
    id             text PRIMARY KEY,
    profile        text NOT NULL,
    version        bigint NOT NULL,
    counter        bigint NOT NULL,
    selector       jsonb NOT NULL,
    soak_seconds   integer NOT NULL,
    apply_seconds  integer NOT NULL,
    reason         text NULL,
    break_glass    boolean NOT NULL,
    state          text NOT NULL CHECK (state IN ('Pending', 'Running', 'Soaking', 'Paused', 'RollingBack', 'RolledBack', 'Completed', 'Failed')),
    batch          integer NOT NULL,
    soaked         interval NOT NULL,
    failure        text NULL,
    stepped_at     timestamptz NOT NULL,
    started_by     text NOT NULL,
    started_at     timestamptz NOT NULL,
    finished_at    timestamptz NULL
);
CREATE INDEX rollouts_live ON profile.rollouts (id) WHERE state IN ('Pending', 'Running', 'Soaking', 'Paused', 'RollingBack');
CREATE INDEX rollouts_completed ON profile.rollouts (counter DESC) WHERE state = 'Completed';

CREATE TABLE profile.rollout_agents (
    rollout_id text NOT NULL REFERENCES profile.rollouts (id),
    uid        uuid NOT NULL,
    batch      integer NOT NULL,
    state      text NOT NULL CHECK (state IN ('Waiting', 'Offered', 'Applied', 'Failed', 'PassedOver', 'Reverting', 'Reverted', 'Kept')),
    -- The deployment that it ran before, and the one that takes it back.
    before     bigint NULL,
    revert     bigint NULL,
    silent     interval NOT NULL,
    unhealthy  interval NOT NULL,
    baseline   jsonb NOT NULL,
    error      text NULL,
    offered_at timestamptz NULL,
    settled_at timestamptz NULL,
    PRIMARY KEY (rollout_id, uid)
);
CREATE INDEX rollout_agents_order ON profile.rollout_agents (rollout_id, batch, uid);
CREATE INDEX rollout_agents_uid ON profile.rollout_agents (uid);

CREATE TABLE profile.rollout_events (
    number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rollout_id text NOT NULL REFERENCES profile.rollouts (id),
    at         timestamptz NOT NULL,
    actor      text NOT NULL,
    action     text NOT NULL,
    detail     text NULL
);
CREATE INDEX rollout_events_rollout ON profile.rollout_events (rollout_id, number);

-- One row. Its lock makes deployments take turns, so that counters follow commits.
CREATE TABLE profile.deployment_counter (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    counter  bigint NOT NULL
);
INSERT INTO profile.deployment_counter (counter) VALUES (0);

CREATE TABLE profile.deployments (
    counter        bigint PRIMARY KEY,
    profile        text NOT NULL,
    version        bigint NOT NULL,
    rollout_id     text NOT NULL,
    floor          bigint NOT NULL,
    issued_at      timestamptz NOT NULL,
    -- Signed by this service's rollout key; names counter, floor and version.
    deployment     bytea NOT NULL,
    -- How many approvals of the version belong to it: one that comes later must not change what was offered.
    approvals      integer NOT NULL,
    -- A break-glass approval that serves this deployment alone.
    override       bytea NULL,
    gateway_hash   text NOT NULL UNIQUE,
    -- What stock Collectors get, in an envelope of this service: they verify nothing, so what is stored must not be changed unseen.
    collector      bytea NULL,
    collector_hash text NULL UNIQUE,
    FOREIGN KEY (profile, version) REFERENCES profile.versions (profile, version)
);
CREATE INDEX deployments_profile ON profile.deployments (profile, counter DESC);

-- What an agent said of itself, written in batches behind its messages.
CREATE TABLE profile.agents (
    uid           uuid PRIMARY KEY,
    kind          text NOT NULL,
    version       text NULL,
    labels        jsonb NOT NULL,
    transport     text NOT NULL,
    connected     boolean NOT NULL,
    manageable    boolean NOT NULL,
    received_hash text NULL,
    status        text NOT NULL,
    error         text NULL,
    -- The last configurations that it said it applied, and that it said it could not.
    running_hash  text NULL,
    refused_hash  text NULL,
    health        jsonb NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at  timestamptz NOT NULL
);

-- What an agent should run: written by rollouts in their own transactions, never by what an agent says.
CREATE TABLE profile.desired (
    uid      uuid PRIMARY KEY,
    -- Null: nothing, which is not the same as never anything.
    counter  bigint NULL REFERENCES profile.deployments (counter),
    revision bigint NOT NULL
);
CREATE SEQUENCE profile.desired_revision;
CREATE INDEX desired_changes ON profile.desired (revision);
