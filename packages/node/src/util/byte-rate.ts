/** A rate as people write it: bytes per second, plain or with a unit. */

const UNIT_BYTES: Readonly<Record<string, number>> = {
  '': 1,
  kB: 1_000,
  MB: 1_000_000,
  GB: 1_000_000_000,
  KiB: 1_024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
}

/** Bytes per second; 0 = no limit. Undefined when the text is no rate or a larger one than can be counted. */
export function parseByteRate(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([kMG]B|[KMG]iB)?$/.exec(text) ?? []
  if (number === undefined) return undefined
  // Rounded up, so that a tiny rate does not become 0, which is no limit.
  const bytes = Math.ceil(Number(number) * (UNIT_BYTES[unit] ?? 1))
  return Number.isSafeInteger(bytes) ? bytes : undefined
}
