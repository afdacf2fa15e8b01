ALTER TABLE incident.incidents DROP CONSTRAINT incidents_state_check;
ALTER TABLE incident.incidents ADD CONSTRAINT incidents_state_check CHECK (state IN ('Requested', 'Active', 'CoolingDown', 'Closed', 'Expired', 'Superseded'));
ALTER TABLE incident.incidents
    ADD COLUMN match                 jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN effective_rate        double precision NULL,
    ADD COLUMN lookback_seconds      integer NOT NULL DEFAULT 0,
    ADD COLUMN capture_on_open       boolean NOT NULL DEFAULT false,
    ADD COLUMN capture_on_close      boolean NOT NULL DEFAULT false,
    ADD COLUMN capture_every_seconds integer NULL,
    -- Null: a legal hold, which has no end.
    ADD COLUMN retain_until          timestamptz NULL,
    ADD COLUMN origin                text NOT NULL DEFAULT 'Person',
    ADD COLUMN origin_rule           text NULL,
    ADD COLUMN correlation           text NULL,
    ADD COLUMN replaces              text NULL,
    ADD COLUMN superseded_by         text NULL;
UPDATE incident.incidents SET effective_rate = sampling_rate, retain_until = started_at + interval '30 days';
ALTER TABLE incident.incidents ALTER COLUMN effective_rate SET NOT NULL;
ALTER TABLE incident.events
    ADD COLUMN version bigint NULL,
    ADD COLUMN state   text NULL;

-- A source that reports the same thing again opens no second incident, whichever replica hears it.
CREATE UNIQUE INDEX incidents_correlation ON incident.incidents (tenant, correlation)
    WHERE correlation IS NOT NULL AND state IN ('Requested', 'Active', 'CoolingDown');
