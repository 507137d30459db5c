import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSessions } from 'keepsake'
import { fileStore } from 'keepsake/stores/file'
import { same, tellStory } from './visitor.js'

export async function run() {
  const directory = mkdtempSync(join(tmpdir(), 'keepsake-runtime-'))
  const sessions = createSessions({ store: fileStore(directory) })
  await tellStory(sessions)
  same(await sessions.clearExpired(), 0, 'the number of expired sessions')
  rmSync(directory, { recursive: true })
}
