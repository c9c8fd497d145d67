import { posix, win32 } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { comparePaths, type EntryKind } from '../../src/content/entry.ts'
import { PathJudge, judgeName, judgePath, type PathRules } from '../../src/content/safe-path.ts'
import { isShoalError } from '../../src/errors.ts'
import { Mutator } from '../helpers/mutate.ts'

const SEED = Number(process.env['SHOAL_TEST_SEED'] ?? 20_261_121)
const HOSTILE_NAMES = Number(process.env['SHOAL_HOSTILE_NAMES'] ?? 120_000)

const POSIX_BASE = '/home/user/downloads/.shoal-1'
const WIN32_BASE = 'C:\\Users\\user\\Downloads\\.shoal-1'

const verdictOf = (name: string | Uint8Array): string => judgeName(name).verdict
const linux: PathRules = { platform: 'posix', folding: 'none' }
const mac: PathRules = { platform: 'posix', folding: 'fold' }
const windows: PathRules = { platform: 'win32', folding: 'fold' }

function codeOf(act: () => unknown): string {
  try {
    act()
    return 'accepted'
  } catch (error) {
    if (isShoalError(error)) return error.code
    throw error
  }
}

/** The outcome for the last of `paths`; those before must be accepted. A path that ends in `/` is a folder. */
function acceptAll(rules: PathRules, paths: readonly string[]): string {
  const judge = new PathJudge(rules)
  const accept = (path: string): unknown =>
    path.endsWith('/') ? judge.accept(path.slice(0, -1), 'folder') : judge.accept(path, 'file')
  for (const path of paths.slice(0, -1)) accept(path)
  return codeOf(() => accept(paths.at(-1) as string))
}

test.each([
  'a',
  'readme.md',
  '.gitignore',
  '..a',
  'a..b',
  '...a',
  'Grüße',
  '写真.jpg',
  'عربى.txt',
  '👩‍👩‍👧.png',
  'a b',
  ' a',
  '~',
  'a~b',
  '$HOME',
  "it's",
  '%2e%2e',
  'console.log',
  'com',
  'COM10',
  'nul1',
  'auxiliary.h',
  'lpt.txt',
  'document~1',
  'x'.repeat(255),
  'é'.repeat(127),
  '-rf',
  '\ufeffa',
  '#a&b;c',
])('%.40s is safe', (name) => {
  expect(judgeName(name)).toEqual({ verdict: 'safe' })
  expect(judgeName(Buffer.from(name))).toEqual({ verdict: 'safe' })
})

const unsafe: [what: string, name: string][] = [
  ['the empty name', ''],
  ['the folder itself', '.'],
  ['the folder above', '..'],
  ['a slash', 'a/b'],
  ['a backslash', 'a\\b'],
  ['a NUL', 'a\0.txt'],
  ['a line break', 'a\nb'],
  ['an escape sequence', '\u001b[31m'],
  ['a tab', 'a\tb'],
  ['DEL', 'a\u007f'],
  ['a C1 control', 'a\u009b'],
  ['a right-to-left override', 'photo\u202egpj.exe'],
  ['an embedding', 'a\u202a'],
  ['an isolate', 'a\u2066'],
  ['half a surrogate pair', 'a\ud800'],
  ['nothing that is visible', '\u200b'],
  ['a hidden folder above', '.\u200c.'],
  ['a hidden folder itself', '\ufeff.'],
]

test.each(unsafe)('%s is unsafe', (_, name) => {
  expect(judgeName(name)).toMatchObject({ verdict: 'unsafe', code: 'ERR_UNSAFE_NAME' })
  if (name.includes('/')) return
  for (const rules of [linux, mac, windows]) {
    for (const path of [name, `${name}/a`, `a/${name}`, `a/${name}/b`]) {
      expect(codeOf(() => new PathJudge(rules).accept(path, 'file'))).toBe('ERR_UNSAFE_NAME')
    }
  }
})

test.each([
  ['Latin-1', Uint8Array.of(0x61, 0xe9)],
  ['an overlong slash', Uint8Array.of(0xc0, 0xaf)],
  ['an overlong NUL', Uint8Array.of(0x61, 0xc0, 0x80)],
  ['half a surrogate pair', Uint8Array.of(0xed, 0xa0, 0x80)],
  ['more than Unicode has', Uint8Array.of(0xf4, 0x90, 0x80, 0x80)],
])('bytes that hold %s are unsafe', (_, bytes) => {
  expect(judgeName(bytes)).toEqual({
    verdict: 'unsafe',
    code: 'ERR_UNSAFE_NAME',
    reason: 'it is not valid UTF-8',
  })
})

test.each(
  [
    [
      'con',
      'CON',
      'Con.txt',
      'con.tar.gz',
      'con .txt',
      'con      .txt',
      ' con',
      'prn',
      'aux.c',
      'nul',
      'NUL.',
    ],
    [
      'com0',
      'COM1',
      'com9.log',
      'COM¹',
      'com².txt',
      'LPT³',
      'lpt1',
      'CONIN$',
      'conout$.txt',
      'CLOCK$',
      'ＣＯＮ',
    ],
    ['a:b', 'C:', 'C:evil', 'file.txt:stream', 'file::$DATA', 'a<b', 'a>b', 'a"b', 'a|b', 'a?b', 'a*b'],
    [
      'a.',
      'a ',
      'a. .',
      '...',
      '. .',
      '.. ',
      ' ',
      'PROGRA~1',
      'progra~1.txt',
      'GIT~1',
      'ab~12345',
      'A~1.B',
      '~1',
    ],
  ].flat(),
)('%j is unportable: a warning on posix, refused on Windows', (name) => {
  expect(verdictOf(name)).toBe('unportable')
  expect(verdictOf(Buffer.from(name))).toBe('unportable')
  expect(new PathJudge(linux).accept(`folder/${name}`, 'file').warning).toMatch(/./)
  expect(codeOf(() => new PathJudge(windows).accept(`folder/${name}`, 'file'))).toBe('ERR_UNSAFE_NAME')
})

test('limits count bytes of UTF-8 and are told from unsafe names', () => {
  expect(judgeName('é'.repeat(128))).toMatchObject({ code: 'ERR_LIMIT' })
  expect(judgeName(Buffer.alloc(1_000_000, 'a'))).toMatchObject({ code: 'ERR_LIMIT' })
  const of = (length: number): string =>
    'abcdefghi/'
      .repeat(200)
      .slice(0, length - 1)
      .replace(/\/$/, 'x') + 'z'
  expect(judgePath(of(240))).toEqual({ verdict: 'safe' })
  expect(judgePath(of(241)).verdict).toBe('unportable')
  expect(judgePath('a/'.repeat(63) + 'a')).toEqual({ verdict: 'safe' })
  expect(judgePath('a/'.repeat(64) + 'a')).toMatchObject({ code: 'ERR_LIMIT' })
  const long = Array.from({ length: 5 }, () => 'x'.repeat(204)).join('/')
  expect(long).toHaveLength(1_024)
  expect(judgePath(long).verdict).toBe('unportable')
  expect(judgePath(`${long}x`)).toMatchObject({ code: 'ERR_LIMIT' })
  expect(codeOf(() => new PathJudge(linux).accept(`${long}x`, 'file'))).toBe('ERR_LIMIT')
  expect(codeOf(() => new PathJudge(linux).accept('a/'.repeat(1e6), 'file'))).toBe('ERR_LIMIT')
})

/** Paths from advisories against archive, torrent and package tools. None may be safe; on Windows none is accepted. */
const ADVISORIES: [advisory: string, path: string][] = [
  ['Zip Slip (CVE-2018-1002200 and relatives)', '../../../../etc/passwd'],
  ['Zip Slip with backslashes', '..\\..\\..\\windows\\system32\\evil.dll'],
  ['node-tar CVE-2021-32804: an absolute path', '/etc/passwd'],
  ['node-tar CVE-2021-32804: repeated slashes', '////etc/passwd'],
  ['node-tar CVE-2021-37713: relative to a drive', 'C:../evil'],
  ['node-tar CVE-2021-37713: a drive inside', 'a/C:\\evil'],
  ['node-tar CVE-2021-37713: another drive', 'D:evil.txt'],
  ['tar-fs CVE-2024-12905 family: up in the middle', 'a/b/../../../x'],
  ['Python tarfile CVE-2007-4559', '../x'],
  ['Go CVE-2022-41722: Clean makes a drive', 'a/../c:/b'],
  ['Go CVE-2023-45283: a device root', '\\??\\C:\\x'],
  ['Go CVE-2023-45284: COM with superscript digits', 'COM¹'],
  ['Go CVE-2023-45284: devices followed by spaces', 'COM1 '],
  ['Node CVE-2024-36139 and CVE-2025-27210: devices', 'CON/../../x'],
  ['Node CVE-2025-27210: a device with a colon', 'AUX:/../x'],
  ['Git CVE-2019-1352: an alternate stream', '.git::$INDEX_ALLOCATION/config'],
  ['Git CVE-2019-1353: an 8.3 name', 'GIT~1/config'],
  ['Git CVE-2019-1354: a backslash', 'a\\.git\\config'],
  ['Git CVE-2018-11235 family: up out of modules', '../modules/evil'],
  ['UNC', '\\\\server\\share\\x'],
  ['UNC with slashes', '//server/share/x'],
  ['a long path prefix', '\\\\?\\C:\\x'],
  ['a device path', '\\\\.\\PhysicalDrive0'],
  ['NUL that cuts a name', '../../x\0.jpg'],
  ['a name that Windows shortens to the folder above', 'a/.. /.. /x'],
  ['a name that Windows shortens to another', 'autorun.inf.'],
  ['a stream that hides', 'readme.txt:evil.exe'],
  ['a name of three dots', '.../x'],
  ['WinRAR CVE-2025-8088: a stream that climbs', 'a.txt:..\\..\\evil.lnk'],
  ['WinRAR CVE-2018-20250: a doubled drive', 'C:C:../evil.exe'],
  ['Trojan Source CVE-2021-42574', 'invoice\u202efdp.exe'],
]

test.each(ADVISORIES)('%s is not safe', (_, path) => {
  expect(judgePath(path).verdict).not.toBe('safe')
  expect(codeOf(() => new PathJudge(windows).accept(path, 'file'))).toMatch(/^ERR_/)
})

/** Git CVE-2014-9390 and CVE-2020-... : names that are `.git` to HFS+ and NTFS. Beside it they collide. */
test.each(['.GIT', '.g\u200cit', '.git\u200d', '.gıt'])(
  '%j collides with .git where the file system folds',
  (name) => {
    const paths = ['.git/', `${name}/`].toSorted(comparePaths)
    expect(acceptAll(mac, paths)).toBe('ERR_UNSAFE_NAME')
    expect(acceptAll(linux, paths)).toBe('accepted')
  },
)

const ATOMS = [
  [
    '.',
    '..',
    '...',
    '....',
    '',
    ' ',
    '.. ',
    '. ',
    '.. .',
    '..\u200b',
    '\u2024\u2024',
    '%2e%2e',
    '..%00',
    '..;',
  ],
  [
    'C:',
    'c:',
    'D:',
    'C:..',
    'C:.',
    '\\\\?\\',
    '\\\\.\\',
    '\\??\\',
    'server',
    'C$',
    'UNC',
    'GLOBALROOT',
    '~',
    '~root',
  ],
  [
    'CON',
    'con.txt',
    'AUX',
    'NUL',
    'NUL.',
    'COM1',
    'COM¹',
    'LPT9 ',
    'CONIN$',
    'PRN:',
    'PROGRA~1',
    'GIT~1',
    '~1',
  ],
  [
    'a',
    'b.txt',
    'etc',
    'passwd',
    '.ssh',
    '.git',
    '.GIT',
    'x:y',
    'x::$DATA',
    ':',
    'evil.',
    'evil ',
    'Grüße',
    '写真',
  ],
  [
    '\0',
    '\u001b[2J',
    '\n',
    '\u202e',
    '\u2066',
    '\ud800',
    '\uff0f',
    '\uff3c',
    '\u2215',
    '\u29f5',
    '\u2044',
    '\uff0e',
  ],
].flat()
const SEPARATORS = [
  '/',
  '/',
  '/',
  '\\',
  '\\',
  '//',
  '\\\\',
  '/\\',
  '',
  '',
  '/./',
  '/../',
  '\\..\\',
  ':',
  ':/',
]

/** Encodings that a loose reader takes for dots, slashes, NUL or halves of a pair. */
const OVERLONG = [
  [0x2e, 0xc0, 0xae],
  [0xc0, 0xae, 0xc0, 0xae],
  [0x2e, 0x2e, 0xc0, 0xaf, 0x61],
  [0xe0, 0x80, 0xaf],
  [0xf0, 0x80, 0x80, 0xaf],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xc1, 0x9c],
].map((bytes) => Uint8Array.from(bytes))

function hostilePath(random: Mutator): string {
  let path = random.below(6) === 0 ? random.pick(SEPARATORS) : ''
  for (let parts = 1 + random.below(6); parts > 0; parts--) {
    path += random.pick(ATOMS)
    if (parts > 1 || random.below(6) === 0) path += random.pick(SEPARATORS)
  }
  return path
}

const inPosix = (path: string): boolean =>
  [posix.resolve(POSIX_BASE, path), posix.normalize(posix.join(POSIX_BASE, path))].every((it) =>
    it.startsWith(`${POSIX_BASE}/`),
  )

/** Also with what Windows does behind Node's back: it drops dots and spaces at the end of each name, and streams. */
const inWin32 = (path: string): boolean => {
  const dropped = path
    .split(/[/\\]/)
    .map((name) =>
      /^\.\.?$/.test(name) ? name : name.replace(/[. ]+$/, (tail) => (tail.startsWith('..') ? '..' : '')),
    )
    .join('\\')
  return [path, dropped, path.replace(/:[^/\\]*/g, '')].every((it) =>
    [win32.resolve(WIN32_BASE, it), win32.normalize(win32.join(WIN32_BASE, it))].every((target) =>
      target.startsWith(`${WIN32_BASE}\\`),
    ),
  )
}

test(`of ${HOSTILE_NAMES} hostile paths none that is accepted leaves its folder`, () => {
  const random = new Mutator(SEED)
  const counts = { safe: 0, unportable: 0, unsafe: 0, leavesPosix: 0, leavesWin32: 0 }
  for (let i = 0; i < HOSTILE_NAMES; i++) {
    const path = hostilePath(random)
    const { verdict } = judgePath(path)
    const staysInPosix = inPosix(path)
    const staysInWin32 = inWin32(path)
    counts[verdict]++
    if (!staysInPosix) counts.leavesPosix++
    if (!staysInWin32) counts.leavesWin32++
    const onPosix = codeOf(() => new PathJudge(linux).accept(path, 'file')) === 'accepted'
    const onWindows = codeOf(() => new PathJudge(windows).accept(path, 'file')) === 'accepted'
    const agrees = onPosix === (verdict !== 'unsafe') && (verdict === 'safe' || !onWindows)
    const holds = (staysInPosix || !onPosix) && (staysInWin32 || !onWindows)
    const isSafe = verdict !== 'safe' || (staysInPosix && staysInWin32)
    if (!agrees || !holds || !isSafe) {
      throw new Error(
        `seed ${SEED}, path ${i} ${JSON.stringify(path)}: ${JSON.stringify({ verdict, onPosix, onWindows })}`,
      )
    }
  }
  // The generator reaches everything: paths that leave, on both, and paths of each verdict.
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(HOSTILE_NAMES / 100)
})

test(`of ${HOSTILE_NAMES} names as bytes none is accepted that is no UTF-8, or that text would refuse`, () => {
  const random = new Mutator(SEED)
  const atoms = ATOMS.map((atom) => Buffer.from(atom))
  const counts = { safe: 0, unportable: 0, unsafe: 0, invalid: 0 }
  for (let i = 0; i < HOSTILE_NAMES; i++) {
    const bytes = random.mutate([random.pick(OVERLONG), random.pick(atoms), random.pick(atoms)])
    const { verdict } = judgeName(bytes)
    counts[verdict]++
    const text = Buffer.from(bytes).toString()
    const isText = Buffer.from(text).equals(bytes)
    if (!isText) counts.invalid++
    const holds = isText ? verdict === verdictOf(text) : verdict === 'unsafe'
    const stays = verdict === 'unsafe' || inPosix(text)
    if (!holds || !stays || (verdict === 'safe' && !inWin32(text))) {
      throw new Error(`seed ${SEED}, name ${i} ${Buffer.from(bytes).toString('hex')}: ${verdict}`)
    }
  }
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(HOSTILE_NAMES / 100)
})

test('every path that is safe stays inside its folder on every platform', () => {
  const names = fc.oneof(
    { weight: 4, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }) },
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.constantFrom(...ATOMS),
  )
  fc.assert(
    fc.property(fc.array(names, { minLength: 1, maxLength: 5 }), (parts) => {
      const path = parts.join('/')
      fc.pre(judgePath(path).verdict === 'safe')
      expect(inPosix(path)).toBe(true)
      expect(inWin32(path)).toBe(true)
      expect(posix.join('base', path)).toBe(`base/${path}`)
      expect(win32.join('base', path)).toBe(`base\\${path.replaceAll('/', '\\')}`)
    }),
    { seed: SEED, numRuns: 10_000 },
  )
})

test.each([
  ['a duplicate', ['a', 'a'], 'ERR_UNSAFE_NAME'],
  ['a folder twice', ['a/', 'a/'], 'ERR_UNSAFE_NAME'],
  ['a folder with the name of a file', ['a', 'a/'], 'ERR_UNSAFE_NAME'],
  ['a file used as a folder', ['a', 'a/b'], 'ERR_UNSAFE_NAME'],
  ['a file used as a folder, deep inside', ['a/', 'a/b', 'a/b/c/d'], 'ERR_UNSAFE_NAME'],
  ['a folder after what it holds', ['a/b', 'a/'], 'ERR_CONTENT_INVALID'],
  ['a file where a folder was', ['a/b', 'a'], 'ERR_CONTENT_INVALID'],
  ['a name before the last', ['b', 'a'], 'ERR_CONTENT_INVALID'],
  ['a folder entered again', ['a/x', 'b', 'a/y'], 'ERR_CONTENT_INVALID'],
  ['a shorter name after a longer', ['ab', 'a'], 'ERR_CONTENT_INVALID'],
  ['an order of whole paths', ['a-b', 'a/b'], 'ERR_CONTENT_INVALID'],
  ['an order of UTF-16', ['💥', '\uffee'], 'ERR_CONTENT_INVALID'],
])('%s is refused', (_, paths, code) => {
  for (const rules of [linux, mac, windows]) expect(acceptAll(rules, paths)).toBe(code)
})

test.each([
  [['a/', 'a/b/', 'a/b/c', 'a/d', 'a-b', 'ab', 'b']],
  [['a/b/c', 'a/b/d', 'a/c', 'b/b/c']],
  [['\uffee', '💥']],
])('entries in order are accepted: %j', (paths) => {
  for (const rules of [linux, mac, windows]) expect(acceptAll(rules, paths)).toBe('accepted')
})

const components = fc.constantFrom(
  'a',
  'b',
  'a-',
  'ab',
  'A',
  'é',
  'e\u0301',
  '\ue000x',
  '\uffee',
  '💥',
  '💦',
  'ß',
  'ss',
)
const paths = fc.array(components, { minLength: 1, maxLength: 4 }).map((it) => it.join('/'))

test('the order that is enforced is that of comparePaths', () => {
  fc.assert(
    fc.property(paths, paths, (a, b) => {
      const expected =
        comparePaths(a, b) < 0 ? 'accepted' : a === b ? 'ERR_UNSAFE_NAME' : 'ERR_CONTENT_INVALID'
      expect(acceptAll(linux, [`${a}/`, b])).toBe(expected)
    }),
    { seed: SEED, numRuns: 20_000 },
  )
})

test('two entries are refused exactly if some folder of theirs, or they themselves, share a folded name', () => {
  const fold = (path: string): string => path.replaceAll('e\u0301', 'é').replaceAll('ß', 'ss').toLowerCase()
  fc.assert(
    fc.property(fc.uniqueArray(paths, { maxLength: 8 }), (list) => {
      const sorted = list.toSorted(comparePaths)
      const written = new Set(
        sorted.flatMap((path) => path.split('/').map((_, i, all) => all.slice(0, i + 1).join('/'))),
      )
      const collides = new Set([...written].map(fold)).size < written.size
      const outcome = codeOf(() => {
        const judge = new PathJudge(mac)
        for (const path of sorted) judge.accept(path, 'folder')
      })
      expect(outcome).toBe(collides ? 'ERR_UNSAFE_NAME' : 'accepted')
    }),
    { seed: SEED, numRuns: 20_000 },
  )
})

test('names in different folders do not collide', () => {
  expect(acceptAll(mac, ['A/', 'A/readme', 'B/', 'B/README', 'B/x/', 'B/x/Readme', 'C/x/readme'])).toBe(
    'accepted',
  )
  expect(acceptAll(mac, ['A/readme', 'B/', 'a/README'])).toBe('ERR_UNSAFE_NAME')
})

test('names of dots and spaces are refused where a file system may drop them', () => {
  expect(acceptAll(mac, ['...'])).toBe('ERR_UNSAFE_NAME')
  expect(acceptAll(linux, ['...'])).toBe('accepted')
})

test('a warning is given once, at the entry that brings the name', () => {
  const judge = new PathJudge(linux)
  const warned = (path: string, kind: EntryKind): boolean => judge.accept(path, kind).warning !== undefined
  expect([
    warned('a:b', 'folder'),
    warned('a:b/c', 'file'),
    warned('a:b/d', 'file'),
    warned('z', 'file'),
  ]).toEqual([true, false, false, false])
})

test('a refusal names the path in a form that is fit for a terminal, and not all of a long one', () => {
  const judge = new PathJudge(linux)
  const refuse = (path: string): unknown => judge.accept(path, 'file')
  expect(() => refuse('a\u001b[2J')).toThrow('a\\u{1b}[2J')
  expect(() => refuse('\u202e'.repeat(100_000))).toThrow(/^.{0,1200}$/)
})

test('a hundred thousand entries are judged within two seconds', () => {
  const judge = new PathJudge(windows)
  const begin = process.cpuUsage()
  for (let i = 0; i < 100_000; i++) {
    judge.accept(
      `folder ${String(i >> 10).padStart(3, '0')}/Grüße ${String(i).padStart(6, '0')}.jpeg`,
      'file',
    )
  }
  expect(process.cpuUsage(begin).user / 1_000).toBeLessThan(2_000)
})
