import { startMariadb } from './mariadb.ts'
import { startMemcached } from './memcached.ts'
import { type SqlAddress, startPostgres } from './postgres.ts'
import { type SocketAddress, startRedis, startRedisCluster } from './redis.ts'
import { findBinary } from './server.ts'

/** The services that tests can ask for, and how each is reached. */
export interface ServiceAddresses {
  postgres: SqlAddress
  mariadb: SqlAddress
  redis: SocketAddress
  'redis-cluster': readonly SocketAddress[]
  memcached: SocketAddress
}

export type ServiceName = keyof ServiceAddresses

interface Service<Address> {
  readonly binary: string
  /** Debian's package that has the binary. */
  readonly package: string
  readonly start: () => Promise<{ readonly address: Address; stop(): Promise<void> }>
}

export const services: { readonly [Name in ServiceName]: Service<ServiceAddresses[Name]> } = {
  postgres: { binary: 'postgres', package: 'postgresql', start: startPostgres },
  mariadb: { binary: 'mariadbd', package: 'mariadb-server', start: startMariadb },
  redis: { binary: 'redis-server', package: 'redis-server', start: () => startRedis() },
  'redis-cluster': { binary: 'redis-server', package: 'redis-server', start: startRedisCluster },
  memcached: { binary: 'memcached', package: 'memcached', start: () => startMemcached() },
}

/** How to get the service; null if it is installed. */
export function howToGet(name: ServiceName): string | null {
  const { binary, package: debianPackage } = services[name]
  return findBinary(binary) ? null : `apt-get install -y ${debianPackage}`
}
