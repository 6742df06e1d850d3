-- Tells whether this server took over from a master, whose last writes it may lack.
-- KEYS: head, for the server's sake
local info = redis.pcall('INFO', 'replication')
if type(info) ~= 'string' then
  return 0 -- a server in the program, which has no replicas
end
local offset = string.match(info, 'second_repl_offset:(-?%d+)')
return offset and offset ~= '-1' and 1 or 0
