/** What the samples of a soak say: how fast each quantity grows, and whether that is a leak. */
import type { Sample } from './soak-orders.ts'

/** Of one process, when so many seconds had passed and each had done so many operations. */
export interface Reading {
  readonly seconds: number
  readonly operations: number
  readonly sample: Sample
}

type Bounds = Readonly<Partial<Record<keyof Sample, number>>>

/** Part of the readings that are not looked at: caches fill, code is compiled, everybody meets everybody. */
const WARM_UP = 1 / 3
export const MIB = 1_048_576

/**
 * Most that a quantity of one process may grow, per hour. A run without a leak shows some: ended fetches are
 * remembered, 1,000 of each node, and what a short run has of noise is many times itself by the hour.
 */
export const MOST_PER_HOUR: Bounds = {
  rss: 600 * MIB,
  heap: 120 * MIB,
  external: 120 * MIB,
  files: 30,
  timers: 600,
  handles: 120,
  wal: 24 * MIB,
}

/** Shortest run, in seconds, of which slopes by the hour mean something. */
export const LEAST_SECONDS = 300

/** Most that may be left of each operation when all is at rest, in numbers. A leak leaves one. */
export const MOST_LEFT: Bounds = { files: 0.1, timers: 0.3, handles: 0.3 }

/**
 * What comes and goes without any operation, in numbers: a pair that dialled each other at once has two connections, and
 * the DHT looks around, with a timer for each peer that it asks. What a short run leaves must be more than that.
 */
export const COMES_AND_GOES: Bounds = { files: 4, timers: 150, handles: 40 }

/** Least squares: by how much `y` grows with each `x`. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))]
  let [both, square] = [0, 0]
  for (const [x, y] of points) {
    both += (x - meanX) * (y - meanY)
    square += (x - meanX) ** 2
  }
  return square === 0 ? 0 : both / square
}

/** The first reading that is looked at, and those after it. */
export function warm(readings: readonly Reading[]): readonly Reading[] {
  return readings.slice(Math.floor(readings.length * WARM_UP))
}

export function perHour(readings: readonly Reading[], quantity: keyof Sample): number {
  return slope(warm(readings).map(({ seconds, sample }) => [seconds / 3_600, sample[quantity]]))
}

/** How a quantity went: at most so many means, each over an equal part of all readings. */
export function course(readings: readonly Reading[], quantity: keyof Sample, parts: number): number[] {
  const each = Math.ceil(readings.length / parts)
  return Array.from({ length: Math.ceil(readings.length / each) }, (_, part) => {
    const values = readings.slice(part * each, (part + 1) * each).map(({ sample }) => sample[quantity])
    return values.reduce((a, b) => a + b, 0) / values.length
  })
}

/** What of one process grows by the hour as it should not. */
export function leaksOf(readings: readonly Reading[]): string[] {
  return over(MOST_PER_HOUR, (quantity) => perHour(readings, quantity), 'an hour')
}

/** What is left of the operations between two readings, the second of them at rest. */
export function leftOver(before: Reading | undefined, after: Reading): string[] {
  const operations = after.operations - (before?.operations ?? 0)
  const grown = (quantity: keyof Sample): number => after.sample[quantity] - (before?.sample[quantity] ?? 0)
  const left = (quantity: keyof Sample): number =>
    (grown(quantity) - (COMES_AND_GOES[quantity] ?? 0)) / Math.max(1, operations)
  return over(MOST_LEFT, left, 'an operation')
}

function over(most: Bounds, growth: (quantity: keyof Sample) => number, unit: string): string[] {
  return Object.entries(most).flatMap(([name, bound]) => {
    const grown = growth(name as keyof Sample)
    return grown > bound ? [`${name} grow by ${Number(grown.toPrecision(3))} ${unit}, over ${bound}`] : []
  })
}
