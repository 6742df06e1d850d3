-- Gives the lease up where another run stands by that finds the source.
-- KEYS: lease, able   ARGV: run, term
-- Returns 1 when it was given up, else 0.
local able = redis.call('GET', KEYS[2])
if not able or able == ARGV[1] then
  return 0
end
if redis.call('HGET', KEYS[1], 'run') ~= ARGV[1] or redis.call('HGET', KEYS[1], 'term') ~= ARGV[2] then
  return 0
end
redis.call('DEL', KEYS[1])
return 1
