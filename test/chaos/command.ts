/** The `shoal` command on loopback, struck at points of its own. */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LOOPBACK_FLAGS, SHOAL } from '../bench/processes.ts'
import { LANDED_SHARE, draw, wantedPoints, type Point } from './points.ts'
import type { Program } from './strace.ts'

/** A command whose home and results lie in `folder`. */
export function shoal(folder: string, args: readonly string[], env: Record<string, string> = {}): Program {
  const own = ['--home', join(folder, 'home'), ...LOOPBACK_FLAGS, '--json']
  return { script: SHOAL, args: [...args, ...own], env, log: `${folder}.strace` }
}

/** Strikes a command at points drawn from all that it has. Returns what was wrong afterwards. */
export async function sweep(
  name: string,
  folder: string,
  points: readonly Point[],
  { seed, usual }: { readonly seed: number; readonly usual: number },
  strike: (point: Point) => Promise<{ landed: boolean; wrong: readonly string[] }>,
): Promise<string[]> {
  const startedMs = performance.now()
  const chosen = draw(points, wantedPoints(usual), seed)
  const wrong: string[] = []
  let landed = 0
  for (const point of chosen) {
    await mkdir(folder)
    const result = await strike(point)
    if (result.landed) landed++
    wrong.push(...result.wrong)
    // A long sweep tells at once.
    for (const line of result.wrong) console.log(line)
    await rm(folder, { recursive: true })
  }
  const seconds = Math.round((performance.now() - startedMs) / 1_000)
  console.log(`${name}: ${chosen.length} of ${points.length} points, ${landed} landed, ${seconds} s`)
  if (landed < chosen.length * LANDED_SHARE) wrong.push(`only ${landed} of ${chosen.length} landed`)
  return wrong
}
