CREATE TABLE hand_sent_mails (
	workspace_id BIGINT NOT NULL, 
	mailbox_id BIGINT NOT NULL, 
	content_hash BYTEA NOT NULL, 
	sent_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	PRIMARY KEY (workspace_id, mailbox_id, content_hash), 
	FOREIGN KEY(workspace_id, mailbox_id) REFERENCES mailboxes (workspace_id, id)
)
--;;
CREATE INDEX hand_sent_mails_at ON hand_sent_mails (workspace_id, mailbox_id, sent_at)
--;;
ALTER TABLE hand_sent_mails ENABLE ROW LEVEL SECURITY
--;;
CREATE POLICY tenant ON hand_sent_mails TO segue_app USING (workspace_id = NULLIF(current_setting('segue.workspace', true), '')::bigint)
--;;
GRANT SELECT, INSERT, UPDATE, DELETE ON hand_sent_mails TO segue_app
--;;
DO $$ BEGIN
        IF current_setting('server_version_num')::int >= 170000 THEN
            EXECUTE 'GRANT MAINTAIN ON ALL TABLES IN SCHEMA public TO segue_app';
        END IF;
    END $$
--;;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO segue_app
