-- Takes or renews the lease of the one aggregator that may publish.
-- KEYS: lease, head, claim on the node's name
-- ARGV: run, ttl in ms, floor term, floor number
-- Returns {term, number}: this run's term and the last number published; {0, ms} when
-- another run holds the lease, for so long unless it renews it; term -1
-- when another living run has the node's name (both would work in one cut).
-- The floor is what ClickHouse remembers, so that neither term nor number goes
-- back when Redis has lost its data.
local owner = redis.call('GET', KEYS[3])
if owner and owner ~= ARGV[1] then
  return {-1, 0}
end
-- A Redis without memory lets a lease be renewed, but not be taken.
if not owner or redis.call('PEXPIRE', KEYS[3], ARGV[2]) == 0 then
  redis.call('SET', KEYS[3], ARGV[1], 'PX', ARGV[2])
end
local holder = redis.call('HGET', KEYS[1], 'run')
local term = tonumber(redis.call('HGET', KEYS[2], 'term') or '0')
local number = tonumber(redis.call('HGET', KEYS[2], 'number') or '0')
if holder and holder ~= ARGV[1] then
  return {0, redis.call('PTTL', KEYS[1])}
end
if holder then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return {tonumber(redis.call('HGET', KEYS[1], 'term')), number}
end
term = math.max(term, tonumber(ARGV[3])) + 1
number = math.max(number, tonumber(ARGV[4]))
redis.call('HSET', KEYS[1], 'run', ARGV[1], 'term', term)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('HSET', KEYS[2], 'term', term, 'number', number)
return {term, number}
