/** The code of the error that a call throws, `'nothing'` if it throws none, and an error that has no code itself. */
export function codeOf(call: () => unknown): unknown {
  try {
    call()
    return 'nothing'
  } catch (error) {
    return error instanceof Error && 'code' in error ? `${error.code}` : error
  }
}
