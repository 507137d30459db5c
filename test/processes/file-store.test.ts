import { chmodSync, chownSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fileStore } from '../../src/stores/file.ts'
import { idOf, newDirectories, recordOf, startWorker } from './file-store-worker.ts'

const newDirectory = newDirectories()
const id = idOf('visitor')

describe('a process that cannot tell', () => {
  it('says so, and never that there is no session, when it may not look into the directory', async () => {
    const directory = newDirectory()
    await fileStore(directory).create(id, recordOf('old'))
    // Root may look into everything.
    const identity = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
    if (identity.uid) chownSync(directory, identity.uid, identity.gid)
    chmodSync(directory, 0)
    const worker = await startWorker(directory, identity)
    expect(await worker.tell({ type: 'read', id })).toEqual({ error: 'EACCES' })
    expect(await worker.tell({ type: 'create', id: idOf('new') })).toEqual({ error: 'EACCES' })
    expect(await worker.tell({ type: 'delete', id })).toEqual({ error: 'EACCES' })
    worker.child.disconnect()
    chmodSync(directory, 0o700)
  })

  it('says so when it has too many files open, and goes on when it has not', async () => {
    const directory = newDirectory()
    await fileStore(directory).create(id, recordOf('old'))
    const worker = await startWorker(directory, { through: ['sh', '-c', 'ulimit -n 64; exec "$0" "$@"'] })
    const outcome = await worker.tell({ type: 'read 200 times', id })
    const answers = outcome && 'value' in outcome && Array.isArray(outcome.value) ? outcome.value : []
    expect(new Set(answers)).toEqual(new Set(['old', 'EMFILE']))
    expect(await worker.tell({ type: 'read', id })).toEqual({ value: 'old' })
    worker.child.disconnect()
  })
})
