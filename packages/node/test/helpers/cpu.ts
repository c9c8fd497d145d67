/** CPU time of synchronous work, with the noise of other processes and of garbage collection taken out. */

/** CPU milliseconds of `work`, the least of several tries where the first was over `suspiciousMs`. */
export function cpuMs(work: () => void, suspiciousMs: number): number {
  let least = once(work)
  for (let tries = 0; least > suspiciousMs && tries < 4; tries++) least = Math.min(least, once(work))
  return least
}

function once(work: () => void): number {
  const before = process.cpuUsage()
  const started = performance.now()
  work()
  // The clock of the processor ticks in coarse steps and counts other threads; the wall clock bounds it from above.
  const wall = performance.now() - started
  const { user, system } = process.cpuUsage(before)
  return Math.min(wall, (user + system) / 1_000)
}
