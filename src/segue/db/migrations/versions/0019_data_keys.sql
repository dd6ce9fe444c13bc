CREATE TABLE data_keys (
	workspace_id BIGINT NOT NULL, 
	kid TEXT NOT NULL, 
	wrapped BYTEA NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	PRIMARY KEY (workspace_id, kid), 
	FOREIGN KEY(workspace_id) REFERENCES workspaces (workspace_id)
)
--;;
ALTER TABLE data_keys ENABLE ROW LEVEL SECURITY
--;;
CREATE POLICY tenant ON data_keys TO segue_app USING (workspace_id = NULLIF(current_setting('segue.workspace', true), '')::bigint)
--;;
GRANT SELECT, INSERT, UPDATE, DELETE ON data_keys TO segue_app
--;;
DO $$ BEGIN
        IF current_setting('server_version_num')::int >= 170000 THEN
            EXECUTE 'GRANT MAINTAIN ON ALL TABLES IN SCHEMA public TO segue_app';
        END IF;
    END $$
--;;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO segue_app
