-- Whoever numbers a version of the calendar holds this one row until the end of its transaction.
CREATE TABLE calendar_numbering (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton)
);
INSERT INTO calendar_numbering DEFAULT VALUES;
-- To lock a row takes the right to update one.
GRANT SELECT, UPDATE ON calendar_numbering TO portico_staff;
