import mysql from 'mysql2'
import pg from 'pg'
import { databaseStore } from '../../../src/stores/database/database-store.ts'
import { oneToken, tellOfCuts } from '../cut-connections.ts'
import { describeWithService } from '../describe-with-service.ts'
import { mariadbDatabase, postgresDatabase } from './sql-database.ts'

describeWithService('postgres', address => {
  const { connection } = postgresDatabase(address).address
  tellOfCuts('pg', {
    servers: [connection.port],
    async connect([port = 0]) {
      const pool = new pg.Pool({ ...connection, port, max: 1 })
      return { store: databaseStore(pool), close: () => pool.end() }
    },
    direct: { type: 'postgres', connection },
    status: [503],
    valid: oneToken,
  })
})

describeWithService('mariadb', address => {
  const { connection } = mariadbDatabase(address).address
  tellOfCuts('mysql2', {
    servers: [connection.port],
    async connect([port = 0]) {
      const pool = mysql.createPool({ ...connection, port, connectionLimit: 1 })
      return { store: databaseStore(pool), close: () => pool.promise().end() }
    },
    direct: { type: 'mariadb', connection },
    status: [503],
    valid: oneToken,
  })
})
