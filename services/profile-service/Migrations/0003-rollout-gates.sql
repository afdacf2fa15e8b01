-- What an agent must keep to is asked for with the rollout. Those from before had these limits.
ALTER TABLE profile.rollouts
    ADD COLUMN unhealthy_seconds integer NOT NULL DEFAULT 10,
    ADD COLUMN export_failures   bigint NOT NULL DEFAULT 50,
    ADD COLUMN refusals          bigint NOT NULL DEFAULT 50,
    ADD COLUMN queue_seconds     integer NOT NULL DEFAULT 120;
