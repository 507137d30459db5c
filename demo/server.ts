import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp } from './app.ts'
import { openSite, type Site } from './sessions.ts'

const { PORT = '3000', DATABASE = 'keepsake-demo.db' } = process.env

const site = await openSite(DATABASE).catch((error: Error) =>
  quit(`Cannot open the database ${DATABASE}: ${error.message}. Choose another file: DATABASE=my.db npm start`),
)
const server = createServer(createApp(site))
server.on('error', (error: NodeJS.ErrnoException) => quit(whyNotListening(error)))
server.listen(portFrom(PORT), () => {
  const { port } = server.address() as AddressInfo
  console.log(`Keepsake demo on http://localhost:${port} (sessions in ${DATABASE})`)
})
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => end(server, site))

function portFrom(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  return quit(`PORT is ${JSON.stringify(text)}, not a number from 0 to 65535. For example: PORT=3001 npm start`)
}

function whyNotListening({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return `Port ${PORT} is in use. Choose another: PORT=${Number(PORT) + 1} npm start`
  return `Cannot listen on port ${PORT}: ${message}. Choose another: PORT=3001 npm start`
}

/** Lets the requests under way finish, but for at most two seconds, and then closes the database. */
function end(server: Server, site: Site): void {
  server.close(() => site.close())
  setTimeout(() => server.closeAllConnections(), 2000).unref()
}

function quit(message: string): never {
  console.error(message)
  process.exit(1)
}
