/** The completion script for fish. */
import {
  brief,
  commandsIn,
  lastWord,
  type CompletedCommand,
  type CompletedOption,
  type Completes,
  type CompletionTree,
} from './tree.ts'

export function fishScript({ common, commands }: CompletionTree): string {
  const own = commands.flatMap(({ options }) => options)
  const valued = new Set(
    [...common, ...own].filter(({ value }) => value !== undefined).map(({ name }) => name),
  )
  const lines = [
    ...common.map((option) => optionLine(option, undefined)),
    ...commandLines(commands, undefined),
    ...commands.flatMap(({ name }) => commandLines(commands, name)),
    ...commands.flatMap((command) => command.options.map((option) => optionLine(option, command.name))),
    ...commands.flatMap((command) =>
      argumentLines(command, commandsIn({ commands }, command.name).length > 0),
    ),
  ]
  return `# Completion of shoal for fish. Made by: shoal completions fish

# Whether the word in hand is this argument of this command, or, with a third word, one from there on; without them, the
# command itself.
function __shoal_at
    set -l found
    set -l skip no
    for word in (commandline -opc)[2..-1]
        if test $skip = yes
            set skip no
        else if contains -- $word ${[...valued].join(' ')}
            set skip yes
        else if not string match -qr -- '^-.' $word
            set -a found $word
        end
    end
    # Behind an option that takes a value there is no argument, but the value of that option.
    test $skip = no; or test (count $argv) -eq 1; or return 1
    if test (count $argv) -eq 0
        test (count $found) -eq 0
        return
    end
    set -l named (string split ' ' -- $argv[1])
    set -l own (count $named)
    test "$found[1..$own]" = "$named"; or return 1
    test (count $argv) -eq 1; and return 0
    set -l at (math (count $found) - $own + 1)
    test $at -eq $argv[2]; and return 0
    test (count $argv) -eq 3; and test $at -gt $argv[2]
end

function __shoal_home
    set -l words (commandline -opc)
    for i in (seq 2 (count $words))
        if test "$words[$i]" = --home
            printf '%s\\n' --home $words[(math $i + 1)]
        else
            string match -r -- '^--home=.*' $words[$i]
        end
    end
end

function __shoal_shares
    shoal (__shoal_home) shares --json 2>/dev/null | string replace -rf '^\\{"type":"share","root":"([a-z2-7]*)".*' '$1'
end

function __shoal_spaces
    # Nothing is started for this.
    shoal (__shoal_home) status --quiet >/dev/null 2>&1; or return 0
    shoal (__shoal_home) space list --json 2>/dev/null | string replace -r -- '^\\{"type":"space","id":"[0-9a-f]*","name":"(\\w[\\w.-]*)".*' '$1' | string replace -r -- '^\\{"type":"space","id":"([0-9a-f]*)".*' '$1' | string match -r -- '^[\\w.-]+$'
end

complete -c shoal -f
${lines.join('\n')}
`
}

function optionLine({ name, text, value }: CompletedOption, command: string | undefined): string {
  const where = command === undefined ? '' : ` -n ${condition(command)}`
  const flag = name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`
  const values = value === undefined ? '' : value === 'file' ? ' -r -F' : ` -x${action(value)}`
  return `complete -c shoal${where} ${flag}${values} -d ${quote(brief(text))}`
}

function argumentLines({ name, arguments: places }: CompletedCommand, isGroup: boolean): string[] {
  return places.flatMap(({ completes, isVariadic }, i) => {
    // What is named by a group stands in lines of its own, with what it does.
    if (isGroup) return []
    const where = `-n ${condition(name, ` ${i + 1}${isVariadic ? ' on' : ''}`)}`
    if (completes === 'file') return [`complete -c shoal ${where} -F`]
    const values = action(completes)
    return values === '' ? [] : [`complete -c shoal ${where}${values}`]
  })
}

function action(completes: Completes): string {
  if (typeof completes === 'object') return ` -a ${quote(completes.join(' '))}`
  if (completes === 'folder') return " -a '(__fish_complete_directories)'"
  return completes === 'share' || completes === 'space' ? ` -a '(__shoal_${completes}s)'` : ''
}

function commandLines(commands: readonly CompletedCommand[], group: string | undefined): string[] {
  const where = group === undefined ? "'__shoal_at'" : condition(group, ' 1')
  return commandsIn({ commands }, group).map(
    (command) => `complete -c shoal -n ${where} -a ${lastWord(command)} -d ${quote(brief(command.text))}`,
  )
}

function condition(command: string, place = ''): string {
  return `'__shoal_at ${command.includes(' ') ? `"${command}"` : command}${place}'`
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`
}
