ALTER TABLE messages ADD COLUMN variant SMALLINT DEFAULT '1' NOT NULL
--;;
ALTER TABLE tasks ADD COLUMN variant SMALLINT DEFAULT '1' NOT NULL, ADD COLUMN reminded_on DATE
--;;
ALTER TABLE enrollments ADD COLUMN starts_at TIMESTAMP WITH TIME ZONE, ADD COLUMN overlap_slot BIGINT DEFAULT '0' NOT NULL
--;;
DROP INDEX enrollments_one_open_per_address
--;;
CREATE UNIQUE INDEX enrollments_one_open_per_address ON enrollments (workspace_id, address_normal, overlap_slot) WHERE state IN ('active', 'paused')
--;;
CREATE INDEX enrollments_sequence ON enrollments (workspace_id, sequence_id, starts_at)
