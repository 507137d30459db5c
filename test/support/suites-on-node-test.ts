import { describe, it } from 'node:test'
import { memoryStore } from '../../src/stores/memory.ts'
import { describeAdapter, describeSessionStore } from '../../src/testing/index.ts'
import { mountFetch } from './mount-fetch.ts'

describeSessionStore('memoryStore', memoryStore, { describe, it, index: true, sweep: true })
describeAdapter('withSessions', mountFetch, { describe, it, holdsEnd: false })
