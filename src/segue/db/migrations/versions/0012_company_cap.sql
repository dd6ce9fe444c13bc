ALTER TABLE messages ADD COLUMN capped_domain TEXT
--;;
CREATE INDEX messages_domain ON messages (workspace_id, capped_domain, handed_at) WHERE capped_domain IS NOT NULL AND handed_at IS NOT NULL
