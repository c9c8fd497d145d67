/** The completion script for bash 3.2 and newer; it needs nothing else. */
import {
  commandsIn,
  type CompletedArgument,
  type CompletedCommand,
  type CompletedOption,
  type CompletionTree,
} from './tree.ts'

export function bashScript({ common, commands }: CompletionTree): string {
  const all = [...common.map((option) => ['*', option] as const), ...commands.flatMap(ownOptions)]
  const valued = all.filter(([, option]) => option.value !== undefined)
  const flags = commands.map(
    (command) =>
      `    ${arm(command.name)}) flags=${quote(`${names(command.options)} ${names(common)}`.trim())} ;;`,
  )
  const values = valued.flatMap(([command, option]) => valueArm(command, option))
  const places = commands.flatMap((command) => command.arguments.flatMap(argumentArm(command)))
  const inGroups = commands.flatMap(({ name, group }) => (group === undefined ? [] : [arm(name)]))
  return `# Completion of shoal for bash. Made by: shoal completions bash

_shoal_shares() {
  "$1" \${2:+--home "$2"} shares --json 2>/dev/null |
    sed -n 's/^{"type":"share","root":"\\([a-z2-7]*\\)".*/\\1/p'
}

_shoal_spaces() {
  # Nothing is started for this.
  "$1" \${2:+--home "$2"} status --quiet >/dev/null 2>&1 || return 0
  "$1" \${2:+--home "$2"} space list --json 2>/dev/null |
    sed -n -e 's/^{"type":"space","id":"[0-9a-f]*","name":"\\([A-Za-z0-9_][A-Za-z0-9_.-]*\\)".*/\\1/p' -e t \\
      -e 's/^{"type":"space","id":"\\([0-9a-f]*\\)".*/\\1/p'
}

_shoal() {
  local current=\${COMP_WORDS[COMP_CWORD]} command= option= home= flags= ended= word line i=1 position=0
  while ((i < COMP_CWORD)); do
    word=\${COMP_WORDS[i]}
    if [[ -z $ended && $word == -- ]]; then
      ended=1
    elif [[ -z $ended && $word == -?* ]]; then
      case $command:$word in
      ${valued.map(([command, option]) => `${arm(command)}:${option.name}`).join(' | ')})
        ((i += 1))
        # bash takes --flag=value apart.
        [[ \${COMP_WORDS[i]-} == = ]] && ((i += 1))
        if ((i >= COMP_CWORD)); then
          option=$word
        elif [[ $word == --home ]]; then
          home=\${COMP_WORDS[i]/#\\~/$HOME}
        fi
        ;;
      esac
    elif [[ -z $command ]]; then
      command=$word
    else
      case "$command $word" in
      ${inGroups.join(' | ')})
        command="$command $word"
        ;;
      *)
        ((position += 1))
        ;;
      esac
    fi
    ((i += 1))
  done
  [[ $current == = ]] && current=
  COMPREPLY=()
  if [[ -n $option ]]; then
    case $command:$option in
${values.join('\n')}
    *) return 0 ;;
    esac
  elif [[ -z $ended && $current == -* ]]; then
    case $command in
${flags.join('\n')}
    *) flags=${quote(names(common))} ;;
    esac
    set -- -W "$flags"
  elif [[ -z $command ]]; then
    set -- -W ${quote(
      commandsIn({ commands }, undefined)
        .map(({ name }) => name)
        .join(' '),
    )}
  else
    case $command:$position in
${places.join('\n')}
    *) return 0 ;;
    esac
  fi
  # Paths are quoted and folders end with a slash; bash 3.2 cannot be told.
  [[ $1 == -[df] ]] && compopt -o filenames 2>/dev/null || :
  while IFS= read -r line; do
    COMPREPLY+=("$line")
  done < <(compgen "$@" -- "$current")
}

complete -F _shoal shoal
`
}

function ownOptions({ name, options }: CompletedCommand): (readonly [string, CompletedOption])[] {
  return options.map((option) => [name, option] as const)
}

function valueArm(command: string, { name, value }: CompletedOption): string[] {
  if (value === 'folder') return [`    ${arm(command)}:${name}) set -- -d ;;`]
  if (value === 'file') return [`    ${arm(command)}:${name}) set -- -f ;;`]
  if (typeof value !== 'object') return []
  return [`    ${arm(command)}:${name}) set -- -W ${quote(value.join(' '))} ;;`]
}

function argumentArm({ name }: CompletedCommand): (argument: CompletedArgument, at: number) => string[] {
  return ({ completes, isVariadic }, at) => {
    const place = `    ${arm(name)}:${isVariadic ? '*' : at})`
    if (completes === 'file') return [`${place} set -- -f ;;`]
    if (completes === 'share' || completes === 'space') {
      return [`${place} set -- -W "$(_shoal_${completes}s "\${COMP_WORDS[0]}" "$home")" ;;`]
    }
    return typeof completes === 'object' ? [`${place} set -- -W ${quote(completes.join(' '))} ;;`] : []
  }
}

/** As the pattern of a case; `*` is every command. */
function arm(name: string): string {
  return name.includes(' ') ? quote(name) : name
}

function names(options: readonly CompletedOption[]): string {
  return options.map(({ name }) => name).join(' ')
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
