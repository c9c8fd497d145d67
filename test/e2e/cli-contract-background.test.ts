/** The contract of the commands that start, use and end Shoal in the background, in each form of output. Needs `tsc -b`. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { LOOPBACK_FLAGS } from '../bench/processes.ts'
import { Shoal } from '../helpers/shoal.ts'
import { WHY_NO_TERMINAL } from '../helpers/terminal.ts'
import { BACKGROUND, BESIDE, SERVICE } from './contract/background-rows.ts'
import { check } from './contract/check.ts'
import { FORMS, FORMS_HERE } from './contract/forms.ts'
import { MAKING_MS, World } from './contract/world.ts'

let world: World

beforeAll(async () => {
  world = await World.make(false)
}, MAKING_MS)

afterAll(() => world.end())

/** An environment with a service manager that does what it is told. */
async function managed(folder: string): Promise<NodeJS.ProcessEnv> {
  await mkdir(folder)
  const program = fileURLToPath(new URL('../helpers/fake-systemctl.ts', import.meta.url))
  const text = `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`
  await writeFile(join(folder, 'systemctl'), text, { mode: 0o755 })
  return { PATH: `${folder}:${process.env['PATH'] ?? ''}`, XDG_CONFIG_HOME: folder }
}

describe.each(FORMS)('%s', (form) => {
  const isHere = FORMS_HERE.includes(form)
  const why = isHere ? '' : WHY_NO_TERMINAL

  test.skipIf(!isHere)(
    `it is started, used and ended${why}`,
    async () => {
      const home = world.newHome(`background-${form}`)
      for (const row of BACKGROUND) await check(row, form, world.call(row, form, home))
    },
    120_000,
  )

  test.skipIf(!isHere || process.platform !== 'linux')(
    `it is installed and removed${why}${process.platform === 'linux' ? '' : ' (its manager is made up for Linux)'}`,
    async () => {
      const home = world.newHome(`service-${form}`)
      const env = await managed(join(world.folder, `manager-${form}`))
      for (const row of SERVICE) await check(row, form, world.call(row, form, home, env))
    },
    120_000,
  )

  test.skipIf(!isHere)(`beside a command in front it takes nothing in${why}`, async () => {
    const home = world.newHome(`front-${form}`)
    const share = new Shoal(['share', 'talk.txt', '--home', home, ...LOOPBACK_FLAGS], { cwd: world.folder })
    await share.link()
    for (const row of BESIDE) await check(row, form, world.call(row, form, home))
  })
})
