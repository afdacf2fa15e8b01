CREATE TABLE profile.tenants (
    tenant       text PRIMARY KEY,
    display_name text NULL,
    disabled     boolean NOT NULL DEFAULT false,
    created_at   timestamptz NOT NULL
);

CREATE TABLE profile.ingest_keys (
    key_id        text PRIMARY KEY,
    tenant        text NOT NULL REFERENCES profile.tenants (tenant),
    description   text NULL,
    secret_sha256 text NOT NULL,
    revoked       boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz NULL
);
CREATE INDEX ingest_keys_tenant ON profile.ingest_keys (tenant, key_id);

-- One row. Every change of what gateways must know adds one, in its own transaction.
CREATE TABLE profile.snapshot_version (
    only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version   bigint NOT NULL,
    issued_at timestamptz NOT NULL
);
INSERT INTO profile.snapshot_version (version, issued_at) VALUES (1, now());
