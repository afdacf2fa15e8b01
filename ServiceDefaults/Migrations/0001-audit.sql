CREATE TABLE audit.entries (
    sequence      bigint PRIMARY KEY,
    at            timestamptz NOT NULL,
    service       text NOT NULL,
    actor         text NOT NULL,
    action        text NOT NULL,
    tenant        text NULL,
    target        text NOT NULL,
    detail        text NULL,
    previous_hash text NOT NULL,
    hash          text NOT NULL
);
CREATE INDEX entries_tenant ON audit.entries (tenant, sequence DESC);

CREATE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'audit.entries is append-only';
END
$body$;
CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE ON audit.entries
    FOR EACH ROW EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER entries_no_truncate BEFORE TRUNCATE ON audit.entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

-- What an Idempotency-Key made. Written in the transaction that makes it, so both exist or neither.
CREATE TABLE audit.idempotency_keys (
    service      text NOT NULL,
    actor        text NOT NULL,
    key          text NOT NULL,
    request_hash text NOT NULL,
    resource_id  text NOT NULL,
    at           timestamptz NOT NULL,
    PRIMARY KEY (service, actor, key)
);
CREATE INDEX idempotency_keys_at ON audit.idempotency_keys (at);
