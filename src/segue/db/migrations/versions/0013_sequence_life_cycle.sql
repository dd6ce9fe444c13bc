ALTER TABLE sequences ADD COLUMN sharing TEXT DEFAULT 'everyone' NOT NULL, ADD COLUMN shared_with BIGINT[] DEFAULT '{}' NOT NULL,
    ADD COLUMN shared_teams TEXT[] DEFAULT '{}' NOT NULL, ADD COLUMN deleted_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN unenrolling BOOLEAN DEFAULT 'false' NOT NULL
--;;
ALTER TABLE enrollments ADD COLUMN move_to INTEGER
--;;
CREATE INDEX enrollments_moving ON enrollments (workspace_id, id) WHERE move_to IS NOT NULL
