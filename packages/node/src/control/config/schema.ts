/** Shape of `PATCH /v1/config`; what the values have to be is checked where they are kept. */
import { z } from 'zod'
import type { OptionKind } from '../../util/option-kinds.ts'
import type { ConfigChanges } from './change.ts'
import { CONFIG_KEYS, CONFIG_KEY_NAMES, type ConfigKey } from './keys.ts'

const SHAPES: Partial<Record<OptionKind, z.ZodType>> = {
  text: z.string().max(4_096),
  texts: z.array(z.string().max(4_096)).max(256),
  flag: z.boolean(),
  rate: z.int().min(0),
  size: z.int().min(0),
}

/** Null: what is usual. */
const shapeOf = (key: ConfigKey): z.ZodType =>
  (SHAPES[CONFIG_KEYS[key].kind] ?? z.never()).nullable().optional()

export const configRequest = z.strictObject(
  Object.fromEntries(CONFIG_KEY_NAMES.map((key) => [key, shapeOf(key)])),
) as unknown as z.ZodType<ConfigChanges>
