SELECT code, taken_at, taken_by, format, scenes, history, number, digest, file, build
FROM exports FINAL
WHERE code = {code:String}
