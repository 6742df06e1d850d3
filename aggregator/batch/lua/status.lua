-- Says how the aggregator is, in one step with the proof that it leads: one that was
-- frozen and wakes would else speak over the one that has replaced it.
-- KEYS: lease, status
-- ARGV: run, term, status, ttl in ms, channel, hint ('' : readers need not hear of it at once),
--       how to hint (PUBLISH, in a cluster SPUBLISH)
-- Returns 'OK' or 'DEPOSED'.
if redis.call('HGET', KEYS[1], 'run') ~= ARGV[1] or redis.call('HGET', KEYS[1], 'term') ~= ARGV[2] then
  return 'DEPOSED'
end
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
if ARGV[6] ~= '' then
  redis.call(ARGV[7], ARGV[5], ARGV[6])
end
return 'OK'
