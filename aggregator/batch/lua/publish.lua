-- Publishes a batch: header and frames in one step, so that no reader ever sees
-- half of it, and no deposed aggregator publishes.
-- KEYS: lease, head, frames, changed
-- ARGV: run, term, number, header, channel, base (the number that the frames are
--       changes of; 0: they are all there are), number that the lease says was
--       published last, then for each frame: field, number it changed in, frame
-- Returns 'OK', or why it was refused.
if redis.call('HGET', KEYS[1], 'run') ~= ARGV[1] or redis.call('HGET', KEYS[1], 'term') ~= ARGV[2] then
  return 'DEPOSED'
end
local number = tonumber(redis.call('HGET', KEYS[2], 'number') or '0')
if tonumber(ARGV[3]) == number and redis.call('HGET', KEYS[2], 'header') == ARGV[4] then
  -- The same batch a second time: the client did not hear the first answer.
  return 'OK'
end
if tonumber(ARGV[3]) <= number then
  return 'OLD'
end
if ARGV[6] == '0' and tonumber(ARGV[7]) ~= number then
  -- A batch whose publishing was not answered has arrived after all: what was
  -- shown last is not what the record of this batch says.
  return 'MOVED'
end
if ARGV[6] == '0' then
  redis.call('DEL', KEYS[3], KEYS[4])
elseif tonumber(ARGV[6]) ~= number or redis.call('EXISTS', KEYS[3], KEYS[4]) ~= 2 then
  -- A Redis that came back older, or has lost a key, holds another batch than
  -- the one that these are changes of.
  return 'INCOMPLETE'
end
for i = 8, #ARGV, 3 do
  redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 2])
  redis.call('ZADD', KEYS[4], ARGV[i + 1], ARGV[i])
end
redis.call('HSET', KEYS[2], 'term', ARGV[2], 'number', ARGV[3], 'header', ARGV[4])
redis.call('PUBLISH', ARGV[5], ARGV[3])
return 'OK'
