CREATE TABLE zone_data (
	workspace_id BIGSERIAL NOT NULL, 
	version TEXT NOT NULL, 
	done_to BIGINT, 
	PRIMARY KEY (workspace_id)
)
--;;
ALTER TABLE zone_data ENABLE ROW LEVEL SECURITY
--;;
CREATE POLICY tenant ON zone_data TO segue_app USING (workspace_id = NULLIF(current_setting('segue.workspace', true), '')::bigint)
--;;
GRANT SELECT, INSERT, UPDATE, DELETE ON zone_data TO segue_app
--;;
DO $$ BEGIN
        IF current_setting('server_version_num')::int >= 170000 THEN
            EXECUTE 'GRANT MAINTAIN ON ALL TABLES IN SCHEMA public TO segue_app';
        END IF;
    END $$
--;;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO segue_app
