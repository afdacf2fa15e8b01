-- What a tenant is for: a replay goes only into a replay target, and nothing else goes there.
ALTER TABLE profile.tenants ADD COLUMN kind text NOT NULL DEFAULT 'live' CHECK (kind IN ('live', 'replay'));
