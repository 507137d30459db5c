import { createSecretKey, randomBytes } from 'node:crypto'
import { serveSealed } from './seal-app.ts'

// A key that is prepared once, which is the least that node:crypto can be asked to do.
serveSealed(createSecretKey(randomBytes(32)))
