/** What to do about an option that is in the way. Nothing tells whether it was given to what runs or is a setting of its home. */
import type { ConfigKey } from '../config/keys.ts'

/** Both are named: whoever does both is rid of it. */
export function withoutOptions(keys: readonly ConfigKey[]): string {
  const unset = keys.map((key) => `shoal config set ${key} default`).join(', ')
  return `${unset}, and start Shoal without ${keys.map((key) => `--${key}`).join(' and ')}`
}

export const LISTEN_EVERYWHERE = `listen everywhere: ${withoutOptions(['listen'])}`
