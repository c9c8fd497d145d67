import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const BIN = fileURLToPath(new URL('../bin/shoal.js', import.meta.url))
const OLD_NODE =
  'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"12.22.12"}})'

test('an old Node is told in one line which one is needed', async () => {
  const outcome = promisify(execFile)(process.execPath, ['--import', OLD_NODE, BIN, 'id'])
  await expect(outcome).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^shoal: this needs Node\.js 24 or newer and runs on 12\.22\.12: .+\n$/),
  })
})

test('it is written in syntax that old Nodes parse, as a script and as a module', async () => {
  const source = (await readFile(BIN, 'utf8')).replaceAll(/\/\/.*$/gm, '')
  expect(source).toMatch(/^#!\/usr\/bin\/env node\n/)
  expect(source).not.toMatch(/\b(let|const|class|async|await|export)\b|=>|`|\?\?|\?\.|^import\b(?!\()/m)
})
