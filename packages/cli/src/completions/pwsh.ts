/** The completion script for PowerShell 7. Where it offers nothing, PowerShell itself offers files. */
import { brief, type CompletedOption, type CompletionTree } from './tree.ts'

export function pwshScript({ common, commands }: CompletionTree): string {
  const own = commands.map(({ name, options }) => `    ${quote(name)} = ${table(options, '    ')}`)
  const described = commands.map(({ name, text }) => `    ${quote(name)} = ${quote(brief(text))}`)
  const choices = [...common, ...commands.flatMap(({ options }) => options)].flatMap(({ name, value }) =>
    typeof value === 'object' ? [`    ${quote(name)} = ${list(value)}`] : [],
  )
  const valued = [...common, ...commands.flatMap(({ options }) => options)].filter(
    ({ value }) => value !== undefined,
  )
  const places = commands.flatMap((command) =>
    command.arguments.flatMap(({ completes }, i) =>
      typeof completes === 'object' ? [`    ${quote(`${command.name} ${i}`)} = ${list(completes)}`] : [],
    ),
  )
  const shares = commands.flatMap((command) =>
    command.arguments.flatMap(({ completes }, i) => (completes === 'share' ? [`${command.name} ${i}`] : [])),
  )
  return `# Completion of shoal for PowerShell. Made by: shoal completions pwsh

Register-ArgumentCompleter -Native -CommandName shoal -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $commands = [ordered]@{
${described.join('\n')}
  }
  $common = ${table(common, '  ')}
  $own = @{
${own.join('\n')}
  }
  $valued = ${list([...new Set(valued.map(({ name }) => name))])}
  $choices = @{
${choices.join('\n')}
  }
  $places = @{
${places.join('\n')}
  }
  $shares = ${list(shares)}

  $command = ''
  $option = ''
  $homeFlags = @()
  $position = 0
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
  foreach ($word in $words) {
    if ($option) {
      if ($option -ceq '--home') { $homeFlags = @('--home', $word) }
      $option = ''
    } elseif ($valued -ccontains $word) {
      $option = $word
    } elseif ($word -clike '--home=*') {
      $homeFlags = @($word)
    } elseif ($word -cnotlike '-?*') {
      if ($command) { $position++ } else { $command = $word }
    }
  }
  $offer = {
    param($name, $text)
    if ($name.StartsWith($wordToComplete, 'Ordinal')) {
      [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $text)
    }
  }
  if ($option) {
    foreach ($value in $choices[$option]) { & $offer $value $value }
  } elseif ($wordToComplete.StartsWith('-')) {
    foreach ($flags in @($own[$command], $common)) {
      if ($flags) { foreach ($name in $flags.Keys) { & $offer $name $flags[$name] } }
    }
  } elseif (-not $command) {
    foreach ($name in $commands.Keys) { & $offer $name $commands[$name] }
  } elseif ($shares -ccontains "$command $position") {
    shoal @homeFlags shares --json 2>$null | ConvertFrom-Json | Where-Object type -EQ 'share' |
      ForEach-Object { & $offer $_.root $_.name }
  } else {
    foreach ($value in $places["$command $position"]) { & $offer $value $value }
  }
}
`
}

function table(options: readonly CompletedOption[], indent: string): string {
  const rows = options.map(({ name, text }) => `${indent}  ${quote(name)} = ${quote(brief(text) || name)}`)
  return rows.length === 0 ? '@{}' : `[ordered]@{\n${rows.join('\n')}\n${indent}}`
}

function list(values: readonly string[]): string {
  return `@(${values.map(quote).join(', ')})`
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
