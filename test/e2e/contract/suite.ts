/** The whole table, on a home with Shoal in the background or without. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WHY_NO_TERMINAL } from '../../helpers/terminal.ts'
import { check } from './check.ts'
import { FAILURES } from './failures.ts'
import { FORMS, FORMS_HERE, perform, type Form } from './forms.ts'
import { REFUSALS } from './refusals.ts'
import { DEVICE, FETCHING, LOOKING, SHARING, TEXTS, type Row } from './rows.ts'
import { SPACES } from './space-rows.ts'
import { MAKING_MS, World } from './world.ts'

const PARTS = {
  sharing: SHARING,
  fetching: FETCHING,
  looking: LOOKING,
  'this device': DEVICE,
  spaces: SPACES,
  failures: FAILURES,
  refusals: REFUSALS,
} as const

export function contractSuite(place: 'alone' | 'daemon'): void {
  let world: World

  beforeAll(async () => {
    world = await World.make(place === 'daemon')
  }, MAKING_MS)

  afterAll(() => world.end())

  describe.each(FORMS)('%s', (form) => {
    const isHere = FORMS_HERE.includes(form)
    const why = isHere ? '' : WHY_NO_TERMINAL

    describe.each(partsAt(place))('%s', (_part, rows) => {
      test.skipIf(!isHere).each(rows)(`%s${why}`, async (_name, row) => {
        await check(row, form, world.call(row, form))
      })
    })

    test.skipIf(!isHere).each(TEXTS)(`%s${why}`, async (command, text) => {
      await checkText(command, text, form)
    })
  })

  async function checkText(command: string, text: RegExp, form: Form): Promise<void> {
    const { status, stdout, stderr, screen } = await perform(form, world.bare(command))
    expect([status, stderr]).toEqual([0, ''])
    expect(form === 'terminal' ? screen : stdout).toMatch(text)
  }
}

function partsAt(place: 'alone' | 'daemon'): [string, [string, Row][]][] {
  const parts = Object.entries(PARTS).map(([part, rows]): [string, [string, Row][]] => [
    part,
    rows.filter(({ only = place }) => only === place).map((row) => [nameOf(row), row]),
  ])
  return parts.filter(([, rows]) => rows.length > 0)
}

function nameOf({ command, exit = 0 }: Row): string {
  return `${command.slice(0, 60)}: ${exit}`
}
