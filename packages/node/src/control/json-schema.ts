/** Our schemas as JSON Schema, for the document of the control API. */
import { z } from 'zod'

/** What a client has to send, where it differs from what becomes of it. */
export function jsonSchema(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input' }) as Record<string, unknown>
  return json
}
