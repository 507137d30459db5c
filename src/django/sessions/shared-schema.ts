import type { StandardSchema } from '../../values/schema.ts'

/** The same schema, but what it does not know is kept: most schemas drop it, and it is the other side's. */
export function keepingOthers<Data extends object>(schema: StandardSchema<Data>): StandardSchema<Data> {
  const standard = schema['~standard']
  return {
    '~standard': {
      ...standard,
      async validate(value) {
        const result = await standard.validate(value)
        return result.issues ? result : { value: { ...(value as object), ...result.value } }
      },
    },
  }
}
