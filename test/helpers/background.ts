/** Shoal that commands of a test start in the background. */
import { isHomeFree } from '@shoal/node/control'
import { expect, onTestFinished, vi } from 'vitest'
import { endOn } from '../e2e/contract/world.ts'

/** Ends with the test what runs on a home by then, and waits until nobody writes there any more. */
export function endWithTest(home: string): void {
  onTestFinished(async () => {
    endOn(home)
    await vi.waitFor(async () => expect(await isHomeFree(home)).toBe(true), { timeout: 20_000, interval: 50 })
  })
}
