import { execFileSync } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { MAX_IGNORE_FILE_BYTES, MAX_IGNORE_FILE_LINES } from '../../src/content/limits.ts'
import { systemDisk } from '../../src/store/disk.ts'
import { readIgnoreFile } from '../../src/store/ignore-file.ts'
import { temporaryFolder } from '../helpers/files.ts'

async function patterns(content: string | Uint8Array): Promise<string[]> {
  const folder = await temporaryFolder()
  await writeFile(join(folder, '.shoalignore'), content)
  return (await readIgnoreFile(folder, systemDisk)).map((glob) => glob.pattern)
}

test('one pattern a line, without comments, blank lines, line ends of any kind and spaces at the end', async () => {
  const text = '# what is built\nbuild/\r\n\r\n  \t \n*.tmp \t\n\\#x\nlast one'
  expect(await patterns(text)).toEqual(['build/', '*.tmp', '\\#x', 'last one'])
  expect(await patterns('')).toEqual([])
})

test('a byte order mark is no part of the first pattern', async () => {
  expect(await patterns('\ufeffsecret\n')).toEqual(['secret'])
})

describe('what cannot be understood ends the sharing, with file and line', () => {
  test.each<[string, string | Uint8Array, RegExp]>([
    ['taking back in', 'a\n!b\n', /\.shoalignore, line 2: the pattern "!b" begins with !/],
    ['a malformed pattern', '\n\n[a\n', /\.shoalignore, line 3: the pattern "\[a"/],
    ['a space before the pattern', 'a\n b\n', /\.shoalignore, line 2 begins with a space/],
    ['lines that end as on old systems', 'a\rb\r', /\.shoalignore, line 1: .* control character/],
    ['bytes that are no UTF-8', Uint8Array.of(0x61, 0xff), /\.shoalignore is not UTF-8/],
    ['UTF-16', Buffer.from('\ufeffsecret\n', 'utf16le'), /\.shoalignore is not UTF-8/],
  ])('%s', async (_what, content, message) => {
    await expect(patterns(content)).rejects.toMatchObject({
      code: 'ERR_OPTIONS_INVALID',
      message: expect.stringMatching(message) as string,
    })
  })
})

test('size, lines and the length of a pattern have limits', async () => {
  const over = (content: string): Promise<unknown> =>
    expect(patterns(content)).rejects.toMatchObject({
      code: 'ERR_LIMIT',
      message: expect.stringContaining('.shoalignore') as string,
    })
  expect(await patterns(`#${'x'.repeat(MAX_IGNORE_FILE_BYTES - 1)}`)).toEqual([])
  await over(`#${'x'.repeat(MAX_IGNORE_FILE_BYTES)}`)
  expect(await patterns('a\n'.repeat(MAX_IGNORE_FILE_LINES))).toHaveLength(MAX_IGNORE_FILE_LINES)
  await over('\n'.repeat(MAX_IGNORE_FILE_LINES + 1))
  await over('x'.repeat(1_025))
})

describe('one that is there but cannot be read ends the sharing', () => {
  test.each<[string, (path: string) => unknown]>([
    ['a link to a good one', (path) => symlink('real', path)],
    ['a link to nothing', (path) => symlink('nowhere', path)],
    ['a folder', (path) => mkdir(path)],
    ['a pipe', (path) => execFileSync('mkfifo', [path])],
    ['one that is gone since', () => undefined],
  ])('%s', async (_what, make) => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'real'), 'secret')
    await make(join(folder, '.shoalignore'))
    await expect(readIgnoreFile(folder, systemDisk)).rejects.toMatchObject({
      code: 'ERR_SOURCE_UNREADABLE',
      message: expect.stringContaining(join(folder, '.shoalignore')) as string,
      hint: expect.not.stringContaining('--skip-unreadable') as string,
    })
  })

  test.each(['facts', 'readStart'] as const)('no permission for %s', async (call) => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, '.shoalignore'), 'secret')
    const refuse = (): never => {
      throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })
    }
    await expect(readIgnoreFile(folder, { ...systemDisk, [call]: refuse })).rejects.toMatchObject({
      code: 'ERR_SOURCE_UNREADABLE',
    })
  })
})

test('the disk opens no link and waits at no pipe, also where one took the place of the file', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'real'), 'abcdef')
  await symlink('real', join(folder, 'link'))
  execFileSync('mkfifo', [join(folder, 'pipe')])
  expect(Buffer.from(await systemDisk.readStart(join(folder, 'real'), 4)).toString()).toBe('abcd')
  expect(Buffer.from(await systemDisk.readStart(join(folder, 'real'), 10)).toString()).toBe('abcdef')
  await expect(systemDisk.readStart(join(folder, 'link'), 4)).rejects.toThrow('ELOOP')
  await expect(systemDisk.readStart(join(folder, 'pipe'), 4)).rejects.toThrow('not a file')
})
