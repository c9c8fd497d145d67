/** The completion script of each shell, made from what the parser takes. */
import { bashScript } from './bash.ts'
import { fishScript } from './fish.ts'
import { pwshScript } from './pwsh.ts'
import type { CompletionTree } from './tree.ts'
import { zshScript } from './zsh.ts'

export const SHELLS = ['zsh', 'bash', 'fish', 'pwsh'] as const
export type Shell = (typeof SHELLS)[number]

const SCRIPTS: Readonly<Record<Shell, (tree: CompletionTree) => string>> = {
  zsh: zshScript,
  bash: bashScript,
  fish: fishScript,
  pwsh: pwshScript,
}

export function completionScript(shell: Shell, tree: CompletionTree): string {
  return SCRIPTS[shell](tree)
}
