/** How a bench prints: one JSON object a line. */

export function print(line: Record<string, unknown>): void {
  console.log(JSON.stringify(line))
}

export function round(value: number): number {
  return Math.round(value * 1_000) / 1_000
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number
}
