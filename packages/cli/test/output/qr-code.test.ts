import { createRequire } from 'node:module'
import { compactLink, parseLink, type ReadyEvent } from '@shoal/node/control'
import { expect, test } from 'vitest'
import { qrCode } from '../../src/output/qr-code.ts'
import { TerminalShare } from '../../src/output/terminal-share.ts'
import { fakeOutput, type FakeOutputInit } from '../support.ts'

const require = createRequire(import.meta.url)
/** With a long name, a size and four addresses. */
const LINK =
  'shoal://bafyreicicneu2e36cyy3xiyb2wwkw3t3w6vhjtqrqxkfmvs66uoxg5txwi#AQAHDhUcIyoxOD9GTVRbYmlwd36FjJOaoaivtr3Ey9LZhhZe.pGFhhEgEwKgBAQYPoUgEwKgBAgYPoUgEwKgBAwYPoUgEwKgBBAYPoWFueFBIb2xpZGF5IEhvbGlkYXkgSG9saWRheSBIb2xpZGF5IEhvbGlkYXkgSG9saWRheSBIb2xpZGF5IEhvbGlkYXkgSG9saWRheSBIb2xpZGF5IGFwWCYAJAgBEiAJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCWFzGwAAAAEe1pFO'
const READY: ReadyEvent = {
  type: 'ready',
  link: LINK,
  root: 'r',
  name: 'Holiday',
  kind: 'folder',
  bytes: 1,
  files: 1,
  sealed: true,
  addresses: [],
}

function sharing(init: FakeOutputInit = {}) {
  const output = fakeOutput('terminal', { isShared: true, columns: 80, rows: 50, ...init })
  const reporter = new TerminalShare(output, 'Holiday', 'keys')
  reporter.start()
  reporter.event(READY)
  const pressed = (key: string): string => {
    const before = output.screen.text
    reporter.key(key)
    return output.screen.text.slice(before.lastIndexOf('\n') + 1)
  }
  return { output, reporter, pressed }
}

/** The squares of a text of half blocks. */
function squares(lines: readonly string[]): boolean[][] {
  return lines.flatMap((line) => [
    line.split('').map((sign) => sign === '▀' || sign === '█'),
    line.split('').map((sign) => sign === '▄' || sign === '█'),
  ])
}

test('a link is made short: key, one address and nothing that is only nice to know', () => {
  const short = compactLink(LINK)
  const { root, key, hints } = parseLink(LINK)
  const parsed = parseLink(short)
  expect([parsed.root.toString(), parsed.key]).toEqual([root.toString(), key])
  expect(parsed.hints).toEqual({ peerId: hints.peerId, addresses: hints.addresses?.slice(0, 1) })
  expect(short.length).toBeLessThan(LINK.length)
})

test('a code is the squares of the library with light ones around, two rows to a line', () => {
  const { theme } = fakeOutput('terminal')
  const { lines, columns, rows } = qrCode(compactLink(LINK), theme)
  expect([lines.length, columns, rows]).toEqual([27, 53, 30])
  interface Code {
    addData: (data: string) => void
    make: () => void
    isDark: (row: number, column: number) => boolean
  }
  const code = (require('qrcode-generator') as (version: number, correction: string) => Code)(0, 'L')
  code.addData(compactLink(LINK))
  code.make()
  const drawn = squares(lines)
  for (let row = 0; row < 49; row++) {
    for (let column = 0; column < 49; column++) {
      expect(drawn[row + 2]?.[column + 2]).toBe(code.isDark(row, column))
    }
  }
  const dark = drawn.flat().filter(Boolean).length
  expect(dark).toBe(
    drawn
      .slice(2, 51)
      .flatMap((row) => row.slice(2, 51))
      .filter(Boolean).length,
  )
  // Where there are no colours, a terminal is taken to be light on dark.
  const inverse = squares(qrCode(compactLink(LINK), { ...theme, hasColour: false }).lines)
  expect(inverse.flat().map((isDrawn) => !isDrawn)).toEqual(drawn.flat())
})

test('keys are named where they can be pressed', () => {
  const { output } = sharing()
  expect(output.screen.text).toContain('q  QR code   c  copy link   Ctrl-C  stop sharing')
  const without = fakeOutput('terminal', { isShared: true })
  const reporter = new TerminalShare(without, 'Holiday')
  reporter.start()
  reporter.event(READY)
  expect(without.screen.text).toContain('Ctrl-C stops sharing.')
  expect(without.screen.text).not.toContain('QR code')
})

test('q shows the code above the block, which goes on', () => {
  const { output, reporter, pressed } = sharing()
  const text = pressed('q')
  expect(text.split('\n').filter((line) => /^[ ▀▄█]{40,53}$/.test(line))).toHaveLength(25)
  reporter.event({ type: 'served', root: 'r', bytes: 5_000, peers: 1 })
  output.clock.advance(1_000)
  expect(output.screen.text).toMatch(/1 device connected.*sent 5 kB$/)
  expect(output.screen.widest).toBeLessThanOrEqual(Math.max(80, LINK.length))
  reporter.close()
  expect(output.clock.waiting).toBe(0)
})

test.each([
  [{ rows: 24 }, 'takes 53 columns and 30 rows, and\nhere are 80 and 24.'],
  [{ columns: 50 }, 'takes 53 columns and 30 rows, and here are 50 and\n50.'],
])('a window that is too small says so: %j', (init, part) => {
  const text = sharing(init).pressed('q')
  expect(text.replaceAll(/\s+/g, ' ')).toContain(part.replaceAll(/\s+/g, ' '))
  expect(text).not.toMatch(/[▀▄█]/)
})

test('a terminal of plain letters says so', () => {
  const text = sharing({ isUnicode: false }).pressed('q')
  expect(text).toContain('This terminal cannot show a QR code')
  expect(text).toMatch(/^[\n\x20-\x7e]*$/)
})

test('c hands the whole link to the clipboard; nothing happens before there is one, or by other keys', () => {
  const { output, pressed } = sharing()
  expect(pressed('c')).toContain('The link was handed to the clipboard')
  expect(output.screen.commands).toEqual([`52;c;${Buffer.from(LINK).toString('base64')}`])
  const early = fakeOutput('terminal', { isShared: true })
  const reporter = new TerminalShare(early, 'Holiday', 'keys')
  reporter.start()
  for (const key of ['q', 'c', 'x']) reporter.key(key)
  expect(early.screen.text).toBe('Starting')
  const before = output.screen.raw
  pressed('x')
  expect(output.screen.raw).toBe(before)
})
