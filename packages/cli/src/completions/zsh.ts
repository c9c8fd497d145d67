/** The completion script for zsh: to be sourced, or put as `_shoal` into a folder of `fpath`. */
import {
  brief,
  commandsIn,
  lastWord,
  type CompletedArgument,
  type CompletedCommand,
  type CompletedOption,
  type Completes,
  type CompletionTree,
} from './tree.ts'

export function zshScript({ common, commands }: CompletionTree): string {
  const top = commandsIn({ commands }, undefined)
  const groups = top.flatMap(({ name }) => {
    const inIt = commandsIn({ commands }, name)
    return inIt.length === 0 ? [] : [`  ${name}_commands=(\n${described(inIt)}\n  )`]
  })
  const cases = top.map((command) => arm(command, commandsIn({ commands }, command.name)))
  return `#compdef shoal
# Completion of shoal for zsh. Made by: shoal completions zsh

_shoal_shares() {
  local -a roots home
  local given=\${opt_args[--home]:-$shoal_home}
  [[ -n $given ]] && home=(--home \${~\${(Q)given}})
  roots=(\${(f)"$(shoal $home shares --json 2>/dev/null |
    sed -n 's/^{"type":"share","root":"\\([a-z2-7]*\\)".*/\\1/p')"})
  compadd -a roots
}

_shoal_spaces() {
  local -a spaces home
  local given=\${opt_args[--home]:-$shoal_home}
  [[ -n $given ]] && home=(--home \${~\${(Q)given}})
  # Nothing is started for this.
  shoal $home status --quiet >/dev/null 2>&1 || return 0
  spaces=(\${(f)"$(shoal $home space list --json 2>/dev/null |
    sed -n -e 's/^{"type":"space","id":"[0-9a-f]*","name":"\\([A-Za-z0-9_][A-Za-z0-9_.-]*\\)".*/\\1/p' -e t \\
      -e 's/^{"type":"space","id":"\\([0-9a-f]*\\)".*/\\1/p')"})
  compadd -a spaces
}

_shoal() {
  local curcontext=$curcontext state line shoal_home
  typeset -A opt_args
  local -a common commands ${top.flatMap(({ name }) => (commandsIn({ commands }, name).length === 0 ? [] : [`${name}_commands`])).join(' ')}
  common=(
${common.map((option) => `    ${optionSpec(option)}`).join('\n')}
  )
  commands=(
${described(top)}
  )
${groups.join('\n')}
  _arguments -C $common '1:command:->command' '*::argument:->argument' && return 0
  # What stood before the command is forgotten by the next call.
  shoal_home=\${opt_args[--home]-}
  case $state in
    command)
      _describe -t commands 'shoal command' commands
      ;;
    argument)
      case $words[1] in
${cases.join('\n')}
      esac
      ;;
  esac
}

if [[ $funcstack[1] == _shoal ]]; then
  _shoal "$@"
else
  compdef _shoal shoal
fi
`
}

function described(commands: readonly CompletedCommand[]): string {
  return commands.map((command) => `    ${quote(`${lastWord(command)}:${brief(command.text)}`)}`).join('\n')
}

/** What follows a command; of a group, its commands first. */
function arm(command: CompletedCommand, inIt: readonly CompletedCommand[]): string {
  const word = lastWord(command)
  if (inIt.length === 0) {
    const specs = [
      '$common',
      ...command.options.map(optionSpec),
      ...command.arguments.map((argument, i) => argumentSpec(argument, i + 1)),
    ]
    return `        ${word})\n          _arguments ${specs.join(' \\\n            ')}\n          ;;`
  }
  return `        ${word})
          _arguments -C $common '1:${word} command:->command' '*::argument:->argument' && return 0
          shoal_home=\${opt_args[--home]:-$shoal_home}
          case $state in
            command)
              _describe -t commands 'shoal ${word} command' ${word}_commands
              ;;
            argument)
              case $words[1] in
${inIt.map((each) => arm(each, [])).join('\n')}
              esac
              ;;
          esac
          ;;`
}

/** Each may be given again: which of them add up is for the command to say. */
function optionSpec({ name, text, value }: CompletedOption): string {
  const told = `[${brief(text).replaceAll(/[[\]]/g, '')}]`
  if (value === undefined) return quote(`*${name}${told}`)
  // A short one takes its value as the next word, a long one also behind an equals sign.
  const joint = name.startsWith('--') ? '=' : '+'
  return quote(`*${name}${joint}${told}:value:${action(value)}`)
}

function argumentSpec({ name, completes, isVariadic }: CompletedArgument, at: number): string {
  return quote(`${isVariadic ? '*' : at}:${name}:${action(completes)}`)
}

function action(completes: Completes): string {
  if (typeof completes === 'object') return `(${completes.join(' ')})`
  return { file: '_files', folder: '_files -/', share: '_shoal_shares', space: '_shoal_spaces', none: ' ' }[
    completes
  ]
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
