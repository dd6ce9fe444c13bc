CREATE INDEX contacts_deleted ON contacts (workspace_id, email_normal) WHERE deleted_at IS NOT NULL
--;;
CREATE INDEX contacts_with_further_addresses ON contacts (workspace_id, id) WHERE other_addresses <> '{}'
