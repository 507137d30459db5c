import { fetchRoutes, serveFetch } from './fetch-app.ts'

serveFetch(
  fetchRoutes({
    login: () => new Response('in'),
    read: () => new Response('user-0'),
    write: () => new Response('1234'),
  }),
)
