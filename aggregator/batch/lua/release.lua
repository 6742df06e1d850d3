-- Gives back what a run holds: its node's name, and with the lease the status.
-- KEYS: lease, status, claim   ARGV: run, term
if redis.call('GET', KEYS[3]) == ARGV[1] then
  redis.call('DEL', KEYS[3])
end
if redis.call('HGET', KEYS[1], 'run') == ARGV[1] and redis.call('HGET', KEYS[1], 'term') == ARGV[2] then
  redis.call('DEL', KEYS[1], KEYS[2])
end
return 'OK'
