import { serveKoa } from './koa-app.ts'

serveKoa(() => [], { login: () => 'in', read: () => 'user-0', write: () => '1234' })
