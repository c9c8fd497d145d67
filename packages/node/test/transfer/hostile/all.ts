/** All hostile shares in one numbered row: the number and the seed say everything about one. */
import { Mutator } from '../../helpers/mutate.ts'
import { MUTATIONS } from './mutations.ts'
import { PUBLIC_BOMBS } from './public-bombs.ts'
import { PUBLIC_ENCODINGS } from './public-encodings.ts'
import { PUBLIC_LIES } from './public-lies.ts'
import { SEALED_ENCODINGS } from './sealed-encodings.ts'
import { SEALED_LISTS } from './sealed-lists.ts'
import type { Family, HostileShare } from './share.ts'

/** So that neighbours have nothing in common. */
const SEED_STEP = 7_919

export const FAMILIES: readonly Family[] = [
  ...PUBLIC_BOMBS,
  ...PUBLIC_LIES,
  ...PUBLIC_ENCODINGS,
  ...SEALED_LISTS,
  ...SEALED_ENCODINGS,
  ...MUTATIONS,
]

export const COUNT: number = FAMILIES.reduce((sum, { count }) => sum + count, 0)

/** Share number `number`. @param outside an absolute path that no fetch may touch */
export function hostileShare(
  number: number,
  seed: number,
  outside: string,
): { family: Family; share: HostileShare } {
  let index = number
  for (const family of FAMILIES) {
    if (index < family.count) {
      return { family, share: family.make(new Mutator(seed + number * SEED_STEP), index, outside) }
    }
    index -= family.count
  }
  throw new Error(`there are ${COUNT} hostile shares`)
}
