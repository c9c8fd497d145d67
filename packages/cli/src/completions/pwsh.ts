/** The completion script for PowerShell 7. Where it offers nothing, PowerShell itself offers files. */
import { brief, commandsIn, type CompletedOption, type CompletionTree } from './tree.ts'

export function pwshScript({ common, commands }: CompletionTree): string {
  const own = commands.map(({ name, options }) => `    ${quote(name)} = ${table(options, '    ')}`)
  const described = commandsIn({ commands }, undefined).map(
    ({ name, text }) => `    ${quote(name)} = ${quote(brief(text))}`,
  )
  const inGroups = commands.filter(({ group }) => group !== undefined).map(({ name }) => name)
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
  const placesOf = (kind: 'share' | 'space'): string[] =>
    commands.flatMap((command) =>
      command.arguments.flatMap(({ completes }, i) => (completes === kind ? [`${command.name} ${i}`] : [])),
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
  $inGroups = ${list(inGroups)}
  $shares = ${list(placesOf('share'))}
  $spaces = ${list(placesOf('space'))}

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
      if ($inGroups -ccontains "$command $word") { $command = "$command $word" }
      elseif ($command) { $position++ } else { $command = $word }
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
  } elseif ($spaces -ccontains "$command $position") {
    # Nothing is started for this.
    shoal @homeFlags status --quiet 2>$null | Out-Null
    if ($LASTEXITCODE -eq 0) {
      shoal @homeFlags space list --json 2>$null | ConvertFrom-Json | Where-Object type -EQ 'space' |
        ForEach-Object { if ($_.name -cmatch '^\\w[\\w.-]*$') { & $offer $_.name $_.id } else { & $offer $_.id $_.id } }
    }
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
