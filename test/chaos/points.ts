/**
 * Numbers the moments at which a program can be struck. strace counts the calls of each thread by itself, and threads
 * share work as it comes: a call is told by the file that it is about, and by its number among those of that file.
 */
import { seededFloats } from '../../packages/node/test/helpers/simulation.ts'
import type { Call, Fault } from './strace.ts'

export type Point = Omit<Fault, 'effect'> & {
  readonly text: string
  /** Made by the thread of the index, where SQLite stands between us and what the system says. */
  readonly isOfIndex: boolean
}

const INDEX = /\/index\.db(-\w+)?$/

/**
 * Every call that is about a file below `folder` or reached through an open folder, once.
 *
 * @param isStable is this path the same in every run? Calls of others are told by their number, where one thread makes them all.
 */
export function pointsOf(
  calls: readonly Call[],
  folder: string,
  isStable: (path: string) => boolean = () => true,
): Point[] {
  const seen = new Map<string, number>()
  const next = (key: string): number => {
    const nth = (seen.get(key) ?? 0) + 1
    seen.set(key, nth)
    return nth
  }
  const indexThreads = new Set(calls.filter(({ path }) => INDEX.test(path)).map(({ thread }) => thread))
  const points: Point[] = []
  for (const { syscall, thread, path, text } of calls) {
    const nthOfThread = next(`${syscall} ${thread}`)
    const nthOfPath = next(`${syscall} ${thread} ${path}`)
    if (!isBelow(path, folder) || (syscall === 'openat' && !text.includes('O_CREAT'))) continue
    const isAlone = calls.every((other) => other.syscall !== syscall || other.thread === thread)
    const isOfIndex = indexThreads.has(thread)
    points.push(
      isStable(path) || !isAlone
        ? { syscall, nth: nthOfPath, path, text, isOfIndex }
        : { syscall, nth: nthOfThread, path: undefined, text, isOfIndex },
    )
  }
  return points
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`) || path.startsWith('/proc/self/fd/')
}

/** As many of the points as are wanted, drawn by a seed, in their order. */
export function draw<T>(points: readonly T[], count: number | 'all', seed: number): T[] {
  if (count === 'all' || count >= points.length) return [...points]
  const float = seededFloats(seed)
  const numbers = points.map((_point, i) => ({ i, at: float() })).sort((a, b) => a.at - b.at)
  const chosen = new Set(numbers.slice(0, count).map(({ i }) => i))
  return points.filter((_point, i) => chosen.has(i))
}

/** How many points a run takes: SHOAL_CRASH_POINTS=all or a number. */
export function wantedPoints(usual: number): number | 'all' {
  const { SHOAL_CRASH_POINTS: wanted } = process.env
  if (wanted === undefined) return usual
  return wanted === 'all' ? 'all' : Number(wanted)
}

/** The seed of this run: SHOAL_TEST_SEED, else a new one. */
export function runSeed(): number {
  return Number(process.env['SHOAL_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
}

/**
 * How many of the points have to be met. Rounds that come by the clock are not as many in every run, so that the last calls
 * of a kind may not be made: such a run is judged as well, as one that nothing happened to.
 */
export const LANDED_SHARE = 0.75
