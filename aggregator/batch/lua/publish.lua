-- Publishes a batch: header and frames in one step, so that no reader ever sees
-- half of it, and no deposed aggregator publishes.
-- KEYS: lease, head, frames, changed, deltas
-- ARGV: run, term, number, header, channel, base (the number that the frames are
--       changes of; 0: they are all there are), number that the lease says was
--       published last, how to hint (PUBLISH, in a cluster SPUBLISH), then for each
--       frame: field, number it changed in, frame, or delta of the frame that is stored
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
if ARGV[6] ~= '0' and (tonumber(ARGV[6]) ~= number or redis.call('EXISTS', KEYS[3], KEYS[4]) ~= 2) then
  -- A Redis that came back older, or has lost a key, holds another batch than
  -- the one that these are changes of.
  return 'INCOMPLETE'
end

-- Lays a delta over the frame that is stored (lines.go describes both), or gives
-- nil where it is not one of it. Rows are copied as they are. Texts are searched for
-- plain characters: a pattern costs the Redis in this process more than all the rest.
local function lay(text, delta)
  local line = string.find(delta, '\n', 1, true)
  if not line then
    return nil
  end
  local past = #text + 1
  local at = string.find(text, '\n', 1, true) or past
  local changed = '"changed":' .. string.sub(delta, 1, line - 1) .. '}'
  if string.sub(text, at - #changed, at - 1) ~= changed then
    return nil
  end
  -- Where a row begins or the text ends: the line break before the row, and past.
  local function parts(at)
    return at == past or string.byte(text, at) == 10
  end
  local over = #delta + 1
  local into = string.find(delta, '\n', line + 1, true) or over
  local pieces = {string.sub(delta, line + 1, into - 1)}
  while into < over do
    -- Six numbers, of which the last three count bytes.
    local begin = string.find(delta, '\n', into + 1, true) or over
    local blank = into
    local numbers = {}
    for n = 1, 6 do
      local stop = n == 6 and begin or string.find(delta, ' ', blank + 1, true)
      numbers[n] = stop and stop <= begin and tonumber(string.sub(delta, blank + 1, stop - 1))
      if not numbers[n] then
        return nil
      end
      blank = stop
    end
    local first = at + numbers[4]
    local last = first + numbers[5]
    if not parts(first) or not parts(last) then
      return nil
    end
    into = begin + numbers[6]
    pieces[#pieces + 1] = string.sub(text, at, first - 1)
    pieces[#pieces + 1] = string.sub(delta, begin, into - 1)
    at = last
  end
  pieces[#pieces + 1] = string.sub(text, at)
  return table.concat(pieces)
end

-- Frames go by hundreds: a call costs more than what it does for one, and neither a
-- call nor a concat takes thousands of values.
local step = 3 * 200
-- All deltas are laid before anything is written.
local whole = {}
for first = 9, #ARGV, step do
  local fields, places = {}, {}
  for i = first, math.min(first + step, #ARGV) - 1, 3 do
    if string.sub(ARGV[i + 2], 1, 1) ~= '{' then
      fields[#fields + 1] = ARGV[i]
      places[#places + 1] = i
    end
  end
  local texts = #fields > 0 and redis.call('HMGET', KEYS[3], unpack(fields))
  for n, i in ipairs(places) do
    whole[i] = texts[n] and lay(texts[n], ARGV[i + 2])
    if not whole[i] then
      return 'INCOMPLETE'
    end
  end
end
-- A Redis without memory refuses the first write of a script and lets the others pass
-- once one has been done. Deleting is never refused, so this comes before it.
redis.call('HSET', KEYS[2], 'term', ARGV[2])
if ARGV[6] == '0' then
  redis.call('DEL', KEYS[3], KEYS[4], KEYS[5])
end
local all = {}
for first = 9, #ARGV, step do
  local fields, frames, numbers, deltas, none = {}, {}, {}, {}, {}
  for i = first, math.min(first + step, #ARGV) - 1, 3 do
    local field = ARGV[i]
    local n = #fields
    fields[n + 1] = field
    frames[2 * n + 1], frames[2 * n + 2] = field, whole[i] or ARGV[i + 2]
    numbers[2 * n + 1], numbers[2 * n + 2] = ARGV[i + 1], field
    if whole[i] then
      deltas[#deltas + 1] = field
      deltas[#deltas + 1] = ARGV[i + 2]
    else
      none[#none + 1] = field
    end
  end
  redis.call('HSET', KEYS[3], unpack(frames))
  redis.call('ZADD', KEYS[4], unpack(numbers))
  if #deltas > 0 then
    redis.call('HSET', KEYS[5], unpack(deltas))
  end
  if #none > 0 and ARGV[6] ~= '0' then
    redis.call('HDEL', KEYS[5], unpack(none))
  end
  all[#all + 1] = table.concat(fields, '\n')
end
-- Mostly readers come from the batch before: they need not look through all frames.
if ARGV[6] == '0' then
  redis.call('HDEL', KEYS[2], 'from', 'fields')
else
  redis.call('HSET', KEYS[2], 'from', ARGV[6], 'fields', table.concat(all, '\n'))
end
local now = redis.call('TIME')
redis.call('HSET', KEYS[2], 'number', ARGV[3], 'header', ARGV[4], 'at', now[1] .. string.format('%06d', now[2]))
redis.call(ARGV[8], ARGV[5], ARGV[3])
return 'OK'
