-- A sandbox's scripted vendor can share opportunities too: once for each rule that says so, each time that the script is set.

ALTER TABLE sandbox_scripts
    -- The places in `rules`, from 0, of those that are done.
    ADD COLUMN shared_rules integer[] NOT NULL DEFAULT '{}';
