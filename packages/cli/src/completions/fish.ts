/** The completion script for fish. */
import {
  brief,
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
    ...commands.map(
      ({ name, text }) => `complete -c shoal -n '__shoal_at' -a ${name} -d ${quote(brief(text))}`,
    ),
    ...commands.flatMap((command) => command.options.map((option) => optionLine(option, command.name))),
    ...commands.flatMap(argumentLines),
  ]
  return `# Completion of shoal for fish. Made by: shoal completions fish

# Whether the word in hand is this argument of this command; without both, the command itself.
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
    test $skip = no; or return 1
    test (count $argv) -eq 0; and test (count $found) -eq 0; and return 0
    test "$found[1]" = "$argv[1]"; or return 1
    test (count $argv) -eq 1; or test (count $found) -eq $argv[2]
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

complete -c shoal -f
${lines.join('\n')}
`
}

function optionLine({ name, text, value }: CompletedOption, command: string | undefined): string {
  const where = command === undefined ? '' : ` -n '__shoal_at ${command}'`
  const flag = name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`
  const values = value === undefined ? '' : value === 'file' ? ' -r -F' : ` -x${action(value)}`
  return `complete -c shoal${where} ${flag}${values} -d ${quote(brief(text))}`
}

function argumentLines({ name, arguments: places }: CompletedCommand): string[] {
  return places.flatMap(({ completes, isVariadic }, i) => {
    const where = `-n '__shoal_at ${name}${isVariadic ? '' : ` ${i + 1}`}'`
    if (completes === 'file') return [`complete -c shoal ${where} -F`]
    const values = action(completes)
    return values === '' ? [] : [`complete -c shoal ${where}${values}`]
  })
}

function action(completes: Completes): string {
  if (typeof completes === 'object') return ` -a ${quote(completes.join(' '))}`
  if (completes === 'folder') return " -a '(__fish_complete_directories)'"
  return completes === 'share' ? " -a '(__shoal_shares)'" : ''
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`
}
