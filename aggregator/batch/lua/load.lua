-- Reads the newest batch in one step: its header and the frames that changed
-- after a number the reader has.
-- KEYS: head, frames, changed, status, deltas
-- ARGV: number, highest number that a delta may apply to (0: no delta is wanted)
-- Returns {header or '', status or '', when that batch was published or '', now, frame or
-- delta, frame or delta, ...}; both times by the server's clock, microseconds.
local now = redis.call('TIME')
local out = {redis.call('HGET', KEYS[1], 'header') or '', redis.call('GET', KEYS[4]) or '',
  redis.call('HGET', KEYS[1], 'at') or '', now[1] .. string.format('%06d', now[2])}
if out[1] == '' or tonumber(redis.call('HGET', KEYS[1], 'number')) <= tonumber(ARGV[1]) then
  return out
end
local holds = tonumber(ARGV[2])
local changed = {}
if redis.call('HGET', KEYS[1], 'from') == ARGV[1] then
  for field in string.gmatch(redis.call('HGET', KEYS[1], 'fields'), '[^\n]+') do
    changed[#changed + 1] = field
  end
else
  changed = redis.call('ZRANGEBYSCORE', KEYS[3], '(' .. ARGV[1], '+inf')
end
-- Frames go by hundreds: a call costs more than what it gives of one, and takes no
-- thousands of values.
local step = 200
for first = 1, #changed, step do
  local last = math.min(first + step - 1, #changed)
  local deltas = holds > 0 and redis.call('HMGET', KEYS[5], unpack(changed, first, last)) or {}
  local fields, places = {}, {}
  for i = first, last do
    local delta = deltas[i - first + 1]
    -- A frame that last changed in a delta from batch 16 has not changed between 16
    -- and that: whoever is at 16 or later holds what it applies to.
    if delta and tonumber(string.sub(delta, 1, string.find(delta, '\n', 1, true) - 1)) <= holds then
      out[#out + 1] = delta
    else
      out[#out + 1] = ''
      fields[#fields + 1] = changed[i]
      places[#places + 1] = #out
    end
  end
  local frames = #fields > 0 and redis.call('HMGET', KEYS[2], unpack(fields)) or {}
  for n, place in ipairs(places) do
    out[place] = frames[n]
  end
end
return out
