/** What is served of what is in spaces: from when, until when, and where that cannot be said. */
import { expect, test } from 'vitest'
import { ShoalError } from '../../../src/errors.ts'
import type { WarningEvent } from '../../../src/events.ts'
import { KeptContent } from '../../../src/spaces/host/kept-content.ts'
import { SpaceHost } from '../../../src/spaces/host/space-host.ts'
import type { ServeOptions, Share } from '../../../src/transfer/share-options.ts'

/** A home whose shares end when they are stopped; what is in its spaces is said by the test. */
class Home {
  inSpaces: string[] = []
  isWhole = true
  readonly serving = new Map<string, ServeOptions>()
  readonly known = new Set<string>()
  readonly warnings: WarningEvent[] = []
  readonly failing = new Map<string, ShoalError>()
  readonly host = new SpaceHost({
    run: async () => ({ roots: [...this.inSpaces], isWhole: this.isWhole }),
    close: async () => {},
  })
  readonly kept = new KeptContent({
    host: this.host,
    serve: async (root, options) => this.#serve(root, options),
    known: async (roots) => new Set(roots.filter((root) => this.known.has(root))),
    onWarning: (warning) => this.warnings.push(warning),
  })
  readonly #ends = new Map<string, () => void>()

  get roots(): string[] {
    return [...this.serving.keys()].toSorted()
  }

  /** As if somebody unshared it. */
  unshare(root: string): void {
    this.#ends.get(root)?.()
  }

  #serve(root: string, options: ServeOptions): Share {
    const fault = this.failing.get(root)
    if (fault !== undefined) throw fault
    this.serving.set(root, options)
    const { promise: ended, resolve } = Promise.withResolvers<'stopped'>()
    const end = (): void => {
      this.serving.delete(root)
      resolve('stopped')
    }
    this.#ends.set(root, end)
    return { root, ended, stop: async () => end() } as unknown as Share
  }
}

test('what is put into a space is served from before then on; what is in none is served no more', async () => {
  const home = new Home()
  await home.kept.keeping('a', async () => {
    expect(home.roots).toEqual(['a'])
    home.inSpaces = ['a']
  })
  expect(home.roots).toEqual(['a'])
  const failed = home.kept.keeping('b', () => Promise.reject(new Error('no')))
  await expect(failed).rejects.toThrow('no')
  expect(home.roots).toEqual(['a'])
  home.inSpaces = []
  await home.kept.review()
  expect(home.roots).toEqual([])
})

test('while a space cannot be read nothing is let go, since it may be in that one', async () => {
  const home = new Home()
  home.inSpaces = ['a']
  await home.kept.keeping('a', async () => {})
  home.inSpaces = []
  home.isWhole = false
  await home.kept.review()
  expect(home.roots).toEqual(['a'])
})

test('after a restart all is served that is in spaces and was shared from here; a fault of one keeps none of the others', async () => {
  const home = new Home()
  home.inSpaces = ['a', 'b', 'c', 'd']
  for (const root of ['a', 'b', 'c']) home.known.add(root)
  home.failing.set('a', new ShoalError('ERR_DISK', 'broken'))
  home.failing.set('b', new ShoalError('ERR_NOT_SHARED', 'it was just unshared'))
  await home.kept.restore()
  expect(home.roots).toEqual(['c'])
  expect(home.warnings).toMatchObject([{ code: 'WARN_SHARE_NOT_KEPT' }])
  home.serving.get('c')?.onEvent?.({ type: 'warning', code: 'WARN_SHARE_STALE', message: 'changed' })
  expect(home.warnings.at(-1)).toMatchObject({ code: 'WARN_SHARE_STALE' })
})

test('what ended otherwise is served again when it is kept again; a node that stops serves no more', async () => {
  const home = new Home()
  home.inSpaces = ['a', 'b']
  await home.kept.keep('a')
  home.unshare('a')
  expect(home.roots).toEqual([])
  await expect
    .poll(async () => {
      await home.kept.keep('a')
      return home.roots
    })
    .toEqual(['a'])
  home.kept.stop()
  home.known.add('b')
  await home.kept.restore()
  expect(home.roots).toEqual(['a'])
})
