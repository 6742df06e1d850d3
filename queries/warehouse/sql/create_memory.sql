CREATE TABLE answers_are_kept (kept UInt8) ENGINE = Memory
