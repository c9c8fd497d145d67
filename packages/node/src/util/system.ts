/** The seams bound to the machine. The only file that may touch the ambient clock, timers and random. */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Zone } from './schedule/zone.ts'
import type { Seams } from './seams.ts'

export const systemSeams: Seams = {
  clock: {
    now: () => Date.now(),
    monotonic: () => performance.now(),
  },
  timers: {
    set: (callback, delayMs) => setTimeout(callback, delayMs),
    clear: (handle) => clearTimeout(handle as NodeJS.Timeout),
  },
  random: {
    bytes: (length) => new Uint8Array(randomBytes(length)),
  },
}

/** As the machine is set when the process starts. */
export const systemZone: Zone = {
  offsetMinutes: (atMs) => -new Date(atMs).getTimezoneOffset(),
}

/** What the system calls this device, as people gave it a name. */
export function systemDeviceName(): string {
  return hostname()
}
