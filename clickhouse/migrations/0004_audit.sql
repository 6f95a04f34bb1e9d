-- Entries of the audit log are sent with a token, so that a second try or another process adds nothing.
ALTER TABLE audit_log MODIFY SETTING non_replicated_deduplication_window = 10000;
