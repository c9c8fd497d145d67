/**
 * In place of `systemctl --user`, as far as Shoal asks it: keeps what it was asked in a file, runs what a unit says, and ends it.
 * The rules for words of `ExecStart` are those of systemd.syntax(7).
 */
import { spawn } from 'node:child_process'
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

const { XDG_CONFIG_HOME: config = '' } = process.env
const given = process.argv.slice(2)
const unit = given.at(-1) ?? ''
const pidFile = join(config, `${unit}.pid`)
appendFileSync(join(config, 'asked'), `${given.join(' ')}\n`)

function words(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = '']) =>
    word.replaceAll(/\\(.)/g, '$1').replaceAll('%%', '%').replaceAll('$$', '$'),
  )
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

if (given.includes('enable')) {
  const text = readFileSync(join(config, 'systemd', 'user', unit), 'utf8')
  const [program = '', ...rest] = words(/^ExecStart=(.*)$/m.exec(text)?.[1] ?? '')
  const child = spawn(program, rest, { detached: true, stdio: 'ignore' })
  child.unref()
  writeFileSync(pidFile, String(child.pid))
}
if (given.includes('disable')) {
  const pid = Number(readFileSync(pidFile, 'utf8'))
  process.kill(pid, 'SIGTERM')
  while (isAlive(pid)) await setTimeout(20)
  rmSync(pidFile)
}
