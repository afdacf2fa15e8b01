-- Whom an instance uid belongs to: the subject, and its tenant, of the token that reported it first.
CREATE TABLE profile.agent_owners (
    uid     uuid PRIMARY KEY,
    subject text NOT NULL,
    tenant  text NOT NULL,
    -- When it connected last, not when it was heard of last: that is written with the agent.
    seen_at timestamptz NOT NULL
);
