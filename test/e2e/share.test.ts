/** `shoal share` as a process: several paths, and the keys of a terminal. Needs `tsc -b`. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../helpers/nodes.ts'
import { Shoal, own, run } from '../helpers/shoal.ts'

const BIN = fileURLToPath(new URL('../../packages/cli/bin/shoal.js', import.meta.url))

async function files(): Promise<{ work: string; paths: string[] }> {
  const work = await temporaryFolder()
  await mkdir(join(work, 'a', 'photos'), { recursive: true })
  await mkdir(join(work, 'b'))
  await writeFile(join(work, 'a', 'photos', 'sea.jpg'), 'sea')
  await writeFile(join(work, 'b', 'note.txt'), 'note')
  await writeFile(join(work, 'b', 'skip.tmp'), '')
  return { work, paths: ['a/photos', 'b/note.txt', 'b/skip.tmp'].map((path) => join(work, path)) }
}

describe('several paths', () => {
  test('are one folder under one link, in any order, also through a node that runs', async () => {
    const { work, paths } = await files()
    const flags = [...(await own(join(work, 'home'))), '--exclude', '*.tmp', '--json']
    const share = new Shoal(['share', ...paths, ...flags])
    const ready = await share.event('ready')
    expect(ready).toMatchObject({ name: 'shared', kind: 'folder', files: 2, bytes: 7 })
    const attached = new Shoal(['share', ...paths.toReversed(), ...flags])
    expect((await attached.event('ready'))['link']).toBe(ready['link'])
    const fetch = await run(
      'fetch',
      String(ready['link']),
      '-o',
      join(work, 'in'),
      '--quiet',
      ...(await own()),
    )
    expect([fetch.status, fetch.text]).toEqual([0, `${join(work, 'in', 'shared')}\n`])
    expect((await readdir(join(work, 'in', 'shared'))).toSorted()).toEqual(['note.txt', 'photos'])
    expect(await readFile(join(work, 'in', 'shared', 'photos', 'sea.jpg'), 'utf8')).toBe('sea')
    for (const each of [attached, share]) {
      each.signal('SIGINT')
      expect(await each.ended).toBe(0)
    }
  })

  test('of one name, or one inside another, end with exit 2 and say which', async () => {
    const { work, paths } = await files()
    await writeFile(join(work, 'note.txt'), '')
    const home = await own()
    const same = await run('share', paths[1] as string, join(work, 'note.txt'), ...home)
    expect([same.status, same.text]).toEqual([2, ''])
    expect(same.stderr).toContain('two paths would both be called note.txt in the share')
    const inside = await run('share', join(work, 'a'), paths[0] as string, ...home)
    expect(inside.status).toBe(2)
    expect(inside.stderr).toMatch(
      /photos lies in .*\/a, which is shared whole\n {2}Leave one of the two out\.\n/,
    )
  })
})

const hasScript = process.platform === 'linux' && spawnSync('script', ['--version']).error === undefined

describe.skipIf(!hasScript)(`on a terminal${hasScript ? '' : ' (there is no script(1) to make one)'}`, () => {
  /** A command line in a terminal of its own. */
  function inTerminal(line: string, env: Record<string, string> = {}) {
    const child = spawn('script', ['--quiet', '--return', '--command', line, '/dev/null'], {
      stdio: 'pipe',
      env: { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', TERM: 'xterm-256color', ...env },
    })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part))
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    onTestFinished(async () => {
      child.kill('SIGKILL')
      await ended
    })
    return {
      ended,
      text: () => text,
      type: (keys: string) => child.stdin.write(keys),
      sees: async (what: string | RegExp) => {
        await expect.poll(() => text, { timeout: 30_000 }).toMatch(what)
      },
    }
  }

  async function shareLine(): Promise<string> {
    const { paths } = await files()
    const command = [process.execPath, BIN, 'share', paths[1] as string, ...(await own())]
    return command.map((word) => `'${word}'`).join(' ')
  }

  test('q shows a QR code, c copies, Ctrl-C ends the share and gives the terminal back', async () => {
    const terminal = inTerminal(`stty cols 100 rows 50; ${await shareLine()}; echo "exit $?"; stty -a`)
    await terminal.sees('q  QR code')
    terminal.type('q')
    await terminal.sees(/(\[30m.{0,8}\[107m|\[30;107m)? {2}█▀▀▀▀▀█/)
    terminal.type('c')
    await terminal.sees('\u001b]52;c;')
    terminal.type('\u0003')
    await terminal.sees(/exit 0[\s\S]* icanon/)
    expect(terminal.text()).toMatch(/Stopped sharing note\.txt\./)
    expect(await terminal.ended).toBe(0)
    // The cursor is shown last.
    expect(terminal.text().lastIndexOf('\u001b[?25h')).toBeGreaterThan(
      terminal.text().lastIndexOf('\u001b[?25l'),
    )
  })

  test('NO_COLOR leaves colours out', async () => {
    const terminal = inTerminal(await shareLine(), { NO_COLOR: '1' })
    await terminal.sees('q  QR code')
    terminal.type('\u0003')
    await terminal.ended
    // eslint-disable-next-line no-control-regex
    expect(terminal.text()).not.toMatch(/\u001b\[[\d;]*m/)
  })

  test('in the background it leaves the terminal alone and goes on', async () => {
    const line = await shareLine()
    const terminal = inTerminal(`bash -mc "${line} & echo pid \\$!; read -r; kill -INT \\$!; wait"`)
    await terminal.sees(/pid \d+/)
    const pid = Number(/pid (\d+)/.exec(terminal.text())?.[1])
    onTestFinished(() => {
      try {
        process.kill(pid)
      } catch {
        // It has ended, as it should.
      }
    })
    await terminal.sees('Ctrl-C stops sharing.')
    expect(terminal.text()).not.toContain('q  QR code')
    await terminal.sees('nobody connected')
    terminal.type('\n')
    await terminal.sees('Stopped sharing')
    await terminal.ended
  })
})
