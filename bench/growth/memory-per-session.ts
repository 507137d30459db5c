import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** What is weighed. */
export const holders = {
  map: 'a bare Map of id and text',
  express: 'express-session, MemoryStore',
  withoutUsers: 'Keepsake, memoryStore',
  withUsers: 'Keepsake, memoryStore, each with a user',
} as const

/** Bytes of heap per session. */
export function memoryRows(sessions: number, progress: (text: string) => void): string[][] {
  const rows = Object.values(holders).map(name => {
    progress(`${name}: is filled and weighed`)
    const args = ['--expose-gc', join(import.meta.dirname, 'weigh-sessions.ts'), name, String(sessions)]
    const bytes = Number(execFileSync(process.execPath, args, { encoding: 'utf8' }))
    return [name, bytes.toFixed(0)]
  })
  return [[`bytes of heap per session, of ${sessions.toLocaleString('en')}`, 'heap'], ...rows]
}
