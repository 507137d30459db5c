import { findBinary, type Recipe, type Server, startServer } from '../services/server.ts'

/** How to get nginx; null if it is installed. */
export const howToGetNginx: string | null = findBinary('nginx') ? null : 'apt-get install -y nginx'

/** nginx as a cache in front of a server: it keeps every answer that HTTP lets it keep, and tells in `X-Cache` whether it had it. */
export function startCachingProxy(upstreamPort: number): Promise<Server> {
  return startServer(recipe(upstreamPort))
}

function recipe(upstreamPort: number): Recipe {
  return {
    name: 'nginx',
    user: 'www-data',
    endBy: 'SIGQUIT',
    prepare: ({ directory, port }, run) => {
      const lines = configuration(directory, port, upstreamPort)
      run(['sh', '-c', `printf '%s\\n' "$@" > ${directory}/nginx.conf`, 'sh', ...lines])
    },
    command: ({ directory }) => [
      findBinary('nginx') ?? 'nginx',
      ...['-p', directory, '-c', `${directory}/nginx.conf`, '-e', 'stderr'],
    ],
    answers: async ({ port }) => void (await fetch(`http://127.0.0.1:${port}/`)),
  }
}

/** Without a policy of the program, answers are kept for a minute, as impatient administrators set it. */
function configuration(directory: string, port: number, upstreamPort: number): readonly string[] {
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    name => `${name}_temp_path ${directory}/${name};`,
  )
  return [
    'daemon off;',
    'worker_processes 1;',
    `pid ${directory}/nginx.pid;`,
    'events {}',
    'http {',
    ...folders,
    'access_log off;',
    `proxy_cache_path ${directory}/cache keys_zone=pages:1m;`,
    'server {',
    `listen 127.0.0.1:${port};`,
    'location / {',
    `proxy_pass http://127.0.0.1:${upstreamPort};`,
    'proxy_cache pages;',
    'proxy_cache_key $request_uri;',
    'proxy_cache_valid any 1m;',
    // By itself it keeps no answer that sets a cookie; the rules of HTTP allow that (RFC 9111 section 7.3), and other caches do it.
    'proxy_ignore_headers Set-Cookie;',
    'add_header X-Cache $upstream_cache_status always;',
    '}}}',
  ]
}
