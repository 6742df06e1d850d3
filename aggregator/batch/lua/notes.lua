-- Leaves notes for other nodes and reads all there are, in one step.
-- KEYS: notes
-- ARGV: channel, how to hint (PUBLISH, in a cluster SPUBLISH; '': nobody need hear of it at once),
--       then for each note: what to do ('set', 'add': where there is none yet, 'drop'), its name, its text
-- Returns {now, name, note, name, note, ...}; a note is when it was left, by the server's clock in
-- microseconds, a space and its text.
local time = redis.call('TIME')
local now = time[1] .. string.format('%06d', time[2])
for i = 3, #ARGV, 3 do
  local act, name, text = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if act == 'drop' then
    redis.call('HDEL', KEYS[1], name)
  elseif act == 'add' then
    redis.call('HSETNX', KEYS[1], name, now .. ' ' .. text)
  else
    redis.call('HSET', KEYS[1], name, now .. ' ' .. text)
  end
end
if ARGV[2] ~= '' then
  redis.call(ARGV[2], ARGV[1], 'notes')
end
local out = {now}
for _, word in ipairs(redis.call('HGETALL', KEYS[1])) do
  out[#out + 1] = word
end
return out
