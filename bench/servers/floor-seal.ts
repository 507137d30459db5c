import { randomBytes } from 'node:crypto'
import { serveSealed } from './seal-app.ts'

// A key of bytes, as Node's own examples have it: node:crypto prepares it anew for each value.
serveSealed(randomBytes(32))
