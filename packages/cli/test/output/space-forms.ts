/** A space to speak of, and what is said of it in each form. */
import type { SpaceEntry, SpaceInvitation, SpaceMember, SpaceSummary } from '@shoal/node/control'
import { expect } from 'vitest'
import { named } from '../../src/space-names.ts'
import { fakeOutput, jsonLines, type FakeOutput } from '../support.ts'

export const HOSTILE = 'holiday\u202egpj.exe\u001b[31m\n\ttail'
export const id = (text: string): string => text.repeat(64 / text.length)
export const SPACE = { id: id('3f9c'), name: 'studio' }
export const STUDIO = named(SPACE)
export const ENTRY: SpaceEntry = {
  path: 'clips/sea.mov',
  bytes: 2_100_000_000,
  type: 'video/quicktime',
  modifiedMs: Date.UTC(2026, 10, 21, 7, 2, 3),
  title: '',
  note: '',
  tags: ['done', 'raw'],
  author: id('ab'),
  root: 'bafyroot',
  here: true,
}
export const OTHER: SpaceEntry = {
  ...ENTRY,
  path: HOSTILE,
  bytes: 5,
  tags: ['a\tb', HOSTILE],
  title: 'Sea',
  note: HOSTILE,
  here: false,
}
export const SELF: SpaceMember = { id: id('ab'), role: 'founder', isSelf: true }
export const BEN: SpaceMember = { id: id('cd'), role: 'read', isSelf: false }
export const SUMMARY: SpaceSummary = {
  ...SPACE,
  role: 'founder',
  members: 2,
  entries: 1_204,
  bytes: 210_000_000_000,
  fault: null,
  unwritten: null,
}
export const INVITATION: SpaceInvitation = {
  id: id('12'),
  role: 'write',
  instant: false,
  usesLeft: 2,
  expiresMs: Date.UTC(2026, 10, 30, 12),
}
export const LINK = { id: id('12'), link: 'shoal://join/bafyspace#AQID.hints' }

/** What it says in each form: on the terminal, in a pipe with its notes before, with `--json`, with `--quiet`. */
export function forms(speak: (output: FakeOutput) => void): Record<string, string> {
  const terminal = fakeOutput('terminal', { isShared: true })
  const pipe = fakeOutput('plain')
  const [json, quiet] = [fakeOutput('json'), fakeOutput('quiet')]
  for (const output of [terminal, pipe, json, quiet]) speak(output)
  expect([json.screen.text, quiet.screen.text]).toEqual(['', ''])
  for (const line of jsonLines(json.out.text)) expect(typeof line['type']).toBe('string')
  const all = { terminal: terminal.screen.text, notes: pipe.screen.text, pipe: pipe.out.text }
  // What the screen of a test does not know, it refuses.
  for (const text of Object.values(all)) {
    for (const sign of ['\u001b', '\u202e']) expect(text).not.toContain(sign)
  }
  return { ...all, json: json.out.text, quiet: quiet.out.text }
}
