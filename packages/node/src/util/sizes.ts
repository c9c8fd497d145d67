/** Sizes as people read them: decimal, three digits. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** `4.81 GB`, `980 MB`, `12 B`: 1 kB is 1,000 bytes. */
export function formatBytes(bytes: number): string {
  const unit = unitOf(bytes)
  return `${inUnit(bytes, unit)} ${UNITS[unit]}`
}

/** `3.3 of 4.81 GB`: both in the unit of the second. */
export function formatAmount(bytes: number, total: number): string {
  const unit = unitOf(total)
  return `${inUnit(bytes, unit)} of ${inUnit(total, unit)} ${UNITS[unit]}`
}

function unitOf(bytes: number): number {
  let unit = 0
  // Compared as it will be shown, so that 999,999 is 1 MB and not 1000 kB.
  while (unit < UNITS.length - 1 && Number((bytes / 1_000 ** unit).toPrecision(3)) >= 1_000) unit++
  return unit
}

function inUnit(bytes: number, unit: number): string {
  const value = bytes / 1_000 ** unit
  if (unit === 0) return String(Math.round(value))
  const decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0
  return String(Number(value.toFixed(decimals)))
}
