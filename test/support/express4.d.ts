/** Express 4, under an alias that has no types of its own. */
declare module 'express4' {
  import express from 'express'

  export default express
}
