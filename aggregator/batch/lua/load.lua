-- Reads the newest batch in one step: its header and the frames that changed
-- after a number the reader has.
-- KEYS: head, frames, changed, status   ARGV: number
-- Returns {header or '', status or '', frame, frame, ...}
local out = {redis.call('HGET', KEYS[1], 'header') or '', redis.call('GET', KEYS[4]) or ''}
if out[1] == '' or tonumber(redis.call('HGET', KEYS[1], 'number')) <= tonumber(ARGV[1]) then
  return out
end
for _, field in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '(' .. ARGV[1], '+inf')) do
  out[#out + 1] = redis.call('HGET', KEYS[2], field)
end
return out
