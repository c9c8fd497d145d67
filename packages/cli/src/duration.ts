/** DURATION of the command line: a number with s, m, h or d. */

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
/** The longest that a timer of the platform takes: a little under 25 days. */
export const MAX_DURATION_MS = 2_147_483_647

/** Milliseconds; 0 = for ever. Undefined when the text is no duration or a longer one than can be kept. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0
  const match = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text)
  const unitMs = UNIT_MS[match?.[2] ?? '']
  if (match === null || unitMs === undefined) return undefined
  // Rounded up, so that a tiny duration does not become 0, which means for ever.
  const ms = Math.ceil(Number(match[1]) * unitMs)
  return ms <= MAX_DURATION_MS ? ms : undefined
}
