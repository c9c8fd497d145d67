/** What the help says of one command; the texts stand in strings/help. */
import type { OptionText } from './strings/options.ts'

export interface CommandHelp {
  readonly usage: string
  readonly sentence: string
  readonly examples: readonly [command: string, effect: string][]
  readonly arguments: readonly (readonly [name: string, text: string])[]
  /** Its own. @defaultValue none */
  readonly options?: Readonly<Record<string, OptionText>>
  /** What the result looks like, where that is not plain. */
  readonly output?: readonly (readonly [when: string, text: string])[]
  readonly exits: readonly (readonly [status: number, text: string])[]
}
