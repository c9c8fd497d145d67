/** Runs a row in a form and holds it to what the contract says of that form. */
import { expect } from 'vitest'
import { hasControls, isDrawn, perform, type Call, type Form, type Outcome } from './forms.ts'
import { typesOf } from './lines.ts'
import type { Row } from './rows.ts'

/** Performs a row in a form, and holds what comes to the contract. */
export async function check(row: Row, form: Form, call: Call): Promise<void> {
  const outcome = await perform(form, call)
  expect([outcome.status, outcome.stderr], outcome.stderr + outcome.screen + outcome.stdout).toEqual([
    row.exit ?? 0,
    expect.any(String),
  ])
  if (form === 'terminal') checkTerminal(row, outcome)
  if (form === 'pipe') checkPipe(row, outcome)
  if (form === 'json') checkJson(row, outcome)
}

function checkTerminal(row: Row, { raw, screen }: Outcome): void {
  expect(screen).toMatch(row.screen)
  expect(screen.includes('{"type"')).toBe(row.printsJson === true)
  if (row.isDrawn === true) expect(isDrawn(raw), JSON.stringify(raw)).toBe(true)
}

function checkPipe(row: Row, { stdout, stderr }: Outcome): void {
  expect(stdout).toMatch(row.result)
  expect(stderr).toMatch(row.notes ?? /^$/)
  expect(hasControls(stdout + stderr), JSON.stringify(stdout + stderr)).toBe(false)
}

function checkJson(row: Row, { stdout, stderr }: Outcome): void {
  const [lines, rest] = row.isContent === true ? [stderr, stdout] : [stdout, stderr]
  expect(typesOf(lines)).toMatch(row.json)
  expect(rest).toMatch(row.isContent === true ? row.result : /^$/)
  if (row.code === undefined) return
  expect(JSON.parse(lines.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
    type: 'error',
    code: row.code,
  })
}
