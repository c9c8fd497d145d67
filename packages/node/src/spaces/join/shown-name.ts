/** What a device calls itself. */
import { shortened } from '../../content/link-hints.ts'
import { escapeForDisplay } from '../../util/display.ts'
import { MAX_DEVICE_NAME_BYTES } from './limits.ts'

/** Of this device, as it goes to others: without half characters, and not longer than it may be. */
export function sentName(name: string): string {
  return Buffer.from(shortened(Buffer.from(name.trim().toWellFormed()), MAX_DEVICE_NAME_BYTES)).toString()
}

/** Of another one: nothing in it acts on a terminal or misleads the eye. */
export function shownName(untrusted: string): string {
  return escapeForDisplay(untrusted)
}
