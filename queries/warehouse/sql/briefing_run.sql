SELECT title, toString(state), tries, noted_at, target, code, words
FROM briefing_runs FINAL
WHERE briefing = {briefing:String} AND due_at = fromUnixTimestamp64Milli({due:Int64}, 'UTC')
