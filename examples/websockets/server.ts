import { createServer } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import { createSessions } from 'keepsake'
import { nodeSessions } from 'keepsake/node'
import { databaseStore } from 'keepsake/stores/database'
import { WebSocketServer } from 'ws'

const store = databaseStore(new DatabaseSync('example.db'))
await store.migrate()
// On localhost there is no https, which the cookie otherwise asks for.
const sessions = createSessions({ store, cookie: { secure: process.env.NODE_ENV === 'production' } })

const server = createServer(
  nodeSessions(sessions, async (req, res) => {
    const session = await sessions.of(req)
    // Here a real site asks for a password: keepsake/auth does.
    if (req.method === 'POST' && req.url === '/login') session.rotate({ userId: 'ada' })
    if (req.method === 'POST' && req.url === '/logout') session.destroy()
    if (req.method === 'POST') res.writeHead(303, { Location: '/' }).end()
    else res.setHeader('Content-Type', 'text/html; charset=utf-8').end(page)
  }),
)

const sockets = new WebSocketServer({ noServer: true })

// Without the two listeners for errors, a client that resets the connection, or sends what is no frame, would end the process.
server.on('upgrade', async (request, socket, head) => {
  socket.on('error', () => socket.destroy())
  const session = await sessions.ofUpgrade(request).catch(() => null)
  if (!session?.userId) {
    socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n')
    return
  }
  sockets.handleUpgrade(request, socket, head, webSocket => {
    // A logout closes the socket within a second, on whichever server it happens.
    const stop = session.watch(() => webSocket.close(4401, 'logged out'), { every: '1s' })
    webSocket.on('close', stop)
    webSocket.on('error', () => webSocket.terminate())
    webSocket.on('message', message => webSocket.send(`${session.userId} said ${message}`))
  })
})

const port = Number(process.env.PORT ?? 3000)
server.listen(port, () => console.log(`http://localhost:${port}`))

const page = `<!doctype html><title>Keepsake and WebSockets</title>
  <form method="post" action="/login"><button>Log in</button></form>
  <form method="post" action="/logout" target="_blank"><button>Log out</button></form>
  <pre id="log"></pre>
  <script>
    const say = text => log.append(text + '\\n')
    const socket = new WebSocket(location.href.replace('http', 'ws'))
    socket.onopen = () => socket.send('hello')
    socket.onmessage = ({ data }) => say(data)
    socket.onclose = ({ reason }) => say('closed: ' + (reason || 'log in first'))
  </script>`
