import { type Call, gathered, isLargeText } from '../gathered.ts'
import type { RedisConnection } from './connection.ts'
import { isOnlyForOne } from './only-for-one.ts'
import type { RedisValue } from './record.ts'
import { call, rewrite } from './scripts.ts'
import type { KeyNames } from './writes.ts'

/** What is to take the place of the record under the same id, if that is still of this version. */
export interface Rewrite {
  readonly id: string
  readonly was: string
  readonly value: RedisValue
}

type Calls = readonly Call<Rewrite, boolean>[]

/** Replaces records in place; those of one turn of the event loop by one command. False for one that is not of its version any more. */
export function rewriter(connection: RedisConnection, keys: KeyNames): (asked: Rewrite) => Promise<boolean> {
  const answerAll = async (calls: Calls): Promise<void> => {
    const all = calls.flatMap(({ asked: { id, value } }) => [keys.record(id), ...value.terms.map(keys.index)])
    const answers = await call(connection, rewrite, all as [string, ...string[]], calls.flatMap(argsOf))
    if (!Array.isArray(answers) || answers.length !== calls.length) throw new Error(`Redis answered ${answers}`)
    for (const [i, { resolve, reject }] of calls.entries()) {
      const answer = Number(answers[i])
      if (Number.isNaN(answer)) reject(new Error(String(answers[i])))
      else resolve(answer === 1)
    }
  }
  const answerEach = async (calls: Calls): Promise<void> => {
    await Promise.all(calls.map(one => answerAll([one]).catch(one.reject)))
  }
  return gathered<Rewrite, boolean>(
    calls =>
      answerAll(calls).catch(error => {
        if (calls.length === 1 || !isOnlyForOne(error)) throw error
        return answerEach(calls)
      }),
    ({ value }) => isLargeText(value.text),
  )
}

function argsOf({ asked: { was, value } }: Calls[number]): string[] {
  const { text, ttl, terms } = value
  return [text, `${was} ${ttl} ${terms.length}`]
}
