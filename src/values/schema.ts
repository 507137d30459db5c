import { KeepsakeError } from '../errors.ts'

/**
 * The part of Standard Schema (https://standardschema.dev) that Keepsake uses: a zod, valibot or arktype schema is one.
 */
export interface StandardSchema<Output> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** What the schema makes of data that a store gave back, after a deploy perhaps; null if it does not fit. */
export async function readThroughSchema(
  data: Record<string, unknown>,
  schema: StandardSchema<object> | undefined,
): Promise<Record<string, unknown> | null> {
  if (!schema) return data
  const result = await schema['~standard'].validate(data)
  return result.issues ? null : (result.value as Record<string, unknown>)
}

/** Refuses to save what would not be read back: `SCHEMA_MISMATCH` with the paths, not the values. */
export async function checkAgainstSchema(data: object, schema: StandardSchema<object>): Promise<void> {
  const { issues } = await schema['~standard'].validate(data)
  if (issues) throw new KeepsakeError('SCHEMA_MISMATCH', issues.map(describe).join('; '))
}

function describe({ message, path = [] }: SchemaIssue): string {
  const keys = path.map(part => String(typeof part === 'object' ? part.key : part))
  return `${keys.join('.') || 'the data'}: ${message}`
}
