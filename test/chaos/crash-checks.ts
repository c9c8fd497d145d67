/** What has to hold after a fetch died at any moment, and after it was started again. */
import { join } from 'node:path'
import type { Fact, Outcome } from './strace.ts'
import { differences, namesIn, treeOf } from './trees.ts'

export interface Scene {
  /** The folder that is shared. */
  readonly source: ReadonlyMap<string, string>
  /** What the result is called. */
  readonly name: string
  /** The folder that is fetched into. */
  readonly directory: string
  readonly home: string
  /** Everything that a home holds after a clean run, as `namesInHome` tells it. */
  readonly homeNames: readonly string[]
}

const STAGED = '.shoal-'

/** What is wrong with what a process left that died or failed; nothing when all is well. */
export async function wrongAfterFault(
  scene: Omit<Scene, 'homeNames'>,
  facts: readonly Fact[],
): Promise<string[]> {
  const { source, name, directory } = scene
  const wrong: string[] = []
  const visible = (await namesIn(directory)).filter((other) => !other.startsWith(STAGED))
  for (const other of visible) {
    if (other !== name) wrong.push(`additional: ${other}`)
    // Whole before it has its name: nothing between nothing and everything.
    else wrong.push(...differences(await treeOf(join(directory, name)), source))
  }
  if (facts.some((fact) => fact.type === 'done') && !visible.includes(name)) {
    wrong.push('acknowledged as done, and not there')
  }
  return wrong
}

/** What is wrong after it was started again without a fault. `before`: what the process that died had said. */
export async function wrongAfterRestart(
  scene: Scene,
  before: readonly Fact[],
  again: Outcome,
): Promise<string[]> {
  const { source, name, directory, home, homeNames } = scene
  const wrong: string[] = []
  const shared = before.find((fact) => fact.type === 'shared')
  const sharedAgain = again.facts.find((fact) => fact.type === 'shared')
  if (shared !== undefined && shared['link'] !== sharedAgain?.['link']) {
    wrong.push(`the link was ${String(shared['link'])} and is ${String(sharedAgain?.['link'])}`)
  }
  const held = await namesInHome(home)
  if (held.join() !== homeNames.join()) wrong.push(`the home holds ${held.join()}, not ${homeNames.join()}`)
  const last = again.facts.at(-1)
  if (last?.type === 'done') {
    const promised = acknowledgedBytes(before)
    const kept = Number(last['bytesReused'])
    if (kept < promised) wrong.push(`${promised} bytes were acknowledged and ${kept} used again`)
  } else {
    wrong.push(`started again: ${JSON.stringify(last)} ${again.stderr}`)
  }
  const names = await namesIn(directory)
  if (names.includes(name)) wrong.push(...differences(await treeOf(join(directory, name)), source))
  else wrong.push('started again, and no result')
  for (const other of names) if (other !== name) wrong.push(`left behind: ${other}`)
  return wrong
}

/** Names of all that lies in a home; names that are made of random bytes as `*`. */
export async function namesInHome(home: string): Promise<string[]> {
  const paths = [...(await treeOf(home).catch(() => new Map<string, string>())).keys()]
  return paths.map((path) => path.replace(/[0-9a-f]{16,}/g, '*')).sort()
}

/** Content bytes that were said to be verified and on the disk. */
function acknowledgedBytes(facts: readonly Fact[]): number {
  return facts.reduce(
    (most, fact) => (fact.type === 'progress' ? Math.max(most, Number(fact['bytes'])) : most),
    0,
  )
}
