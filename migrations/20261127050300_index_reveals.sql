-- Who read whose personal values is found from the object that they are of (R-GEN-3).

CREATE INDEX timeline_entries_reveals ON timeline_entries ((details ->> 'subject')) WHERE object_kind = 'rvl';
