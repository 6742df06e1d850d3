-- Publishes a batch: header and changed frames in one step, so that no reader
-- ever sees half of it, and no deposed aggregator publishes.
-- KEYS: lease, head, frames, changed
-- ARGV: node, term, number, header, channel, whole (1: frames replace all),
--       then for each frame: field, number it changed in, frame
-- Returns 'OK', or why it was refused.
if redis.call('HGET', KEYS[1], 'node') ~= ARGV[1] or redis.call('HGET', KEYS[1], 'term') ~= ARGV[2] then
  return 'DEPOSED'
end
local number = tonumber(ARGV[3])
if number <= tonumber(redis.call('HGET', KEYS[2], 'number') or '0') then
  return 'OLD'
end
if ARGV[6] == '1' then
  redis.call('DEL', KEYS[3], KEYS[4])
elseif redis.call('HEXISTS', KEYS[2], 'header') == 0 then
  return 'INCOMPLETE'
end
for i = 7, #ARGV, 3 do
  redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 2])
  redis.call('ZADD', KEYS[4], ARGV[i + 1], ARGV[i])
end
redis.call('HSET', KEYS[2], 'term', ARGV[2], 'number', ARGV[3], 'header', ARGV[4])
redis.call('PUBLISH', ARGV[5], ARGV[3])
return 'OK'
