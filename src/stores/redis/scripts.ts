import { createHash } from 'node:crypto'
import type { RedisConnection } from './connection.ts'

/** A script that servers know by its hash once they have seen it. Each of its calls is atomic, and may be repeated. */
export interface Script {
  readonly text: string
  readonly sha: string
}

/** What the scripts have in common. */
const prelude = `
-- Whether this key holds the record of this version.
local function holds(key, version)
  return redis.call('GETRANGE', key, 0, 36) == version .. ' '
end

-- Puts an id into an index, a sorted set by the time until which the record is kept, which never moves back. What is over
-- leaves it, and it goes itself with the last of its records.
local function enter(key, id, ttl)
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  redis.call('ZADD', key, 'GT', now + ttl, id)
  if redis.call('PTTL', key) < tonumber(ttl) then redis.call('PEXPIRE', key, ttl) end
end
`

/** KEYS: record, indexes. ARGV: version, text, ttl, id. */
export const create: Script = script(`
if not redis.call('SET', KEYS[1], ARGV[2], 'NX', 'PX', ARGV[3]) then
  -- One of the same version is this very record: the command came twice.
  return holds(KEYS[1], ARGV[1]) and 1 or 0
end
for i = 2, #KEYS do enter(KEYS[i], ARGV[4], ARGV[3]) end
return 1
`)

/**
 * In place, and many at once: the visitors of one moment are one command. Most changes move neither the end nor the index values:
 * then the time to live and the index stay as they are, but for an entry that was lost. An error of one record is its answer, as a
 * text, and leaves the others alone. KEYS: of each its record and indexes. ARGV: of each its text, and `<old version> <ttl> <how many
 * indexes>`, since a client takes as long for a short text as for a long one.
 */
export const rewrite: Script = script(`
local head = '^%S+ %S+ (%S+ %S*) '

local function rewrite(at, text, wanted, ttl, indexes)
  local old = redis.call('GET', KEYS[at])
  if not old then return 0 end
  local version = string.sub(old, 1, 36)
  if version == string.sub(text, 1, 36) then return 1 end
  if version ~= wanted then return 0 end
  local same = string.match(old, head) == string.match(text, head)
  if same then redis.call('SET', KEYS[at], text, 'KEEPTTL') else redis.call('SET', KEYS[at], text, 'PX', ttl) end
  for i = at + 1, at + indexes do
    local id = string.sub(text, 38, 80)
    if not same or not redis.call('ZSCORE', KEYS[i], id) then enter(KEYS[i], id, ttl) end
  end
  return 1
end

local answers = {}
local failed = 0
local at = 1
for i = 1, #ARGV, 2 do
  local wanted, ttl, count = string.match(ARGV[i + 1], '^(.*) (%d+) (%d+)$')
  local indexes = tonumber(count)
  local done, answer = pcall(rewrite, at, ARGV[i], wanted, ttl, indexes)
  if not done then
    failed = failed + 1
    answer = type(answer) == 'table' and answer.err or tostring(answer)
    -- Clients look for errors of the whole server, such as READONLY.
    if failed == #ARGV / 2 then return redis.error_reply(answer) end
  end
  table.insert(answers, answer)
  at = at + 1 + indexes
end
return answers
`)

/** KEYS: old record, new record, which may be the same, indexes. ARGV: version, text, ttl, id, old version, old id. */
export const replace: Script = script(`
if holds(KEYS[2], ARGV[1]) then return 1 end
if not holds(KEYS[1], ARGV[5]) then return 0 end
if KEYS[1] ~= KEYS[2] then
  if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
  redis.call('DEL', KEYS[1])
end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
for i = 3, #KEYS do
  if ARGV[4] ~= ARGV[6] then redis.call('ZREM', KEYS[i], ARGV[6]) end
  enter(KEYS[i], ARGV[4], ARGV[3])
end
return 1
`)

/** KEYS: record. ARGV: version. */
export const removeExactly: Script = script(`
return holds(KEYS[1], ARGV[1]) and redis.call('DEL', KEYS[1]) or 0
`)

/** KEYS: index. ARGV: id, ttl. */
export const enterIndex: Script = script(`
enter(KEYS[1], ARGV[1], ARGV[2])
return 1
`)

/**
 * Removes what rests under an id if its index has this term. 1: a record is gone. 0: there is none; a reservation is gone
 * too, and whoever made it finds out. -1: there is a record, but its index says something else.
 * KEYS: record. ARGV: term.
 */
export const removeIndexed: Script = script(`
local value = redis.call('GET', KEYS[1])
if not value then return 0 end
local expiry, terms = string.match(value, '^%S+ %S+ (%S+) (%S*) ')
if not terms or not string.find(',' .. terms .. ',', ',' .. ARGV[1] .. ',', 1, true) then return -1 end
redis.call('DEL', KEYS[1])
return expiry == '-' and 0 or 1
`)

/** Runs a script that answers with a number. */
export async function run(
  connection: RedisConnection,
  script: Script,
  keys: readonly [string, ...string[]],
  args: readonly string[],
): Promise<number> {
  return Number(await call(connection, script, keys, args))
}

/** Runs a script by its hash, and by its text where the server does not know it (any more). */
export async function call(
  { send }: RedisConnection,
  { sha, text }: Script,
  keys: readonly [string, ...string[]],
  args: readonly string[],
): Promise<unknown> {
  const count = String(keys.length)
  try {
    return await send(keys[0], ['EVALSHA', sha, count, ...keys, ...args])
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
    return send(keys[0], ['EVAL', text, count, ...keys, ...args])
  }
}

function script(body: string): Script {
  const text = prelude + body
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}
