/** A driver's error: the drivers agree on nothing but that there is a code somewhere. */
export interface DriverError extends Error {
  readonly code?: string
  readonly errcode?: number
}

/** How to tell a database's errors apart. */
export interface DatabaseErrors {
  /** A row with this primary key is there already. */
  isDuplicate(error: DriverError): boolean
  /** The table, or one of its columns, is not there. */
  isMissing(error: DriverError): boolean
}
