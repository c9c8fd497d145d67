/** Hosts of spaces, each with a home of its own and a real thread, closed when the test ends. */
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { AddedFile } from '../../src/spaces/host/calls.ts'
import { SpaceHost, spaceThread } from '../../src/spaces/host/space-host.ts'
import { cidOf, DAG_CBOR, sha256 } from '../../src/content/cid.ts'
import { temporaryFolder } from './files.ts'

/** A root of sealed content that there is nowhere. */
export function rootOf(name: string): string {
  return cidOf(DAG_CBOR, sha256(Buffer.from(name))).toString()
}

export function added(path: string, more: Partial<AddedFile> = {}): AddedFile {
  return { path, inner: path, bytes: path.length, type: '', modifiedMs: 1_700_000_000_000, ...more }
}

export async function newHome(): Promise<string> {
  return join(await temporaryFolder(), 'home')
}

export async function hostOf(home?: string): Promise<SpaceHost> {
  const host = new SpaceHost(spaceThread(home ?? (await newHome())))
  onTestFinished(() => host.close())
  return host
}

/** A host with one space, in which are these files of one share. */
export async function hostWith(
  paths: readonly string[],
  home?: string,
): Promise<{ host: SpaceHost; space: string }> {
  const host = await hostOf(home)
  const { id: space } = await host.call('found', { name: 'holiday' })
  await put(host, space, paths)
  return { host, space }
}

export async function put(host: SpaceHost, space: string, paths: readonly string[]): Promise<string[]> {
  const key = new Uint8Array(32).fill(7)
  const files = paths.map((path) => added(path))
  const { batches } = await host.call('add', { space, root: rootOf('a share'), key, tags: [], files })
  return [...batches]
}

export async function pathsIn(host: SpaceHost, space: string, under = ''): Promise<string[]> {
  const paths: string[] = []
  for (let after: string | undefined; ;) {
    const page = await host.call('entries', { space, under, after })
    paths.push(...page.entries.map(({ path }) => path))
    if (page.next === undefined) return paths
    after = page.next
  }
}

/** Gives one host all that another has of a space. */
export async function tell(space: string, from: SpaceHost, to: SpaceHost): Promise<void> {
  await to.call('keep', { space })
  await to.call('takeAuth', { space, frames: await from.call('authFrames', { space, ids: undefined }) })
  const events = await from.call('history', { space, path: undefined, limit: 1_000 })
  const ids = [...new Set(events.map(({ batch }) => batch))]
  const frames = await Promise.all(ids.map((id) => from.call('batchFrame', { space, id })))
  await to.call('takeBatches', { space, frames: frames.filter((frame) => frame !== undefined) })
}

/** Lets a device into a space, by an invitation that needs no approval. */
export async function letIn(space: string, by: SpaceHost, who: SpaceHost): Promise<void> {
  const made = { role: 'write', uses: 1, forMs: 0, instant: true, whereFound: {} } as const
  const { link } = await by.call('invite', { space, ...made })
  await tell(space, by, who)
  await who.call('redeem', { space, link })
  await tell(space, who, by)
  // With the key, which is sealed to whoever came in.
  await tell(space, by, who)
}
