INSERT INTO regions (code, level, parent, name, applicable, rural_households, code_set, version)
