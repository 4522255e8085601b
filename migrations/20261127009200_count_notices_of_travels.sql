-- A travel also tells how many notices were made on its way.
ALTER TABLE sandbox_travels ADD COLUMN notices_made bigint NOT NULL DEFAULT 0;
