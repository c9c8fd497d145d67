/** docs/doctor.md says what the code does. That real nodes say so too: test/integration/doctor.test.ts. */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import {
  LEAST_DISK_BYTES,
  LEAST_NODE,
  LEAST_OPEN_FILES,
  LOW_DISK_BYTES,
  SLOW_LIMIT,
} from '../../../src/control/doctor/limits.ts'
import { formatBytes } from '../../../src/util/sizes.ts'
import { FINDING_DATA } from '../../helpers/doctor.ts'

const page = await readFile(new URL('../../../../../docs/doctor.md', import.meta.url), 'utf8')
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section]),
)

test('the page has every id, and no other', () => {
  expect([...sections.keys()]).toEqual(Object.keys(FINDING_DATA))
})

test.each(Object.entries(FINDING_DATA))('of %s it names all that is in its data', (id, names) => {
  const section = sections.get(id) ?? ''
  const data = section.slice(section.indexOf('\ndata: '))
  for (const name of names) expect(data).toContain(`\`${name}\``)
})

test('its bounds are those that hold', () => {
  expect(sections.get('disk')).toContain(
    `under ${formatBytes(LOW_DISK_BYTES)}, \`problem\` under ${formatBytes(LEAST_DISK_BYTES)}`,
  )
  expect(sections.get('files')).toContain(`under ${LEAST_OPEN_FILES.toLocaleString('en')}`)
  expect(sections.get('limits')).toContain(`under ${formatBytes(SLOW_LIMIT)}/s`)
  expect(sections.get('runtime')).toContain(`Node ${LEAST_NODE}`)
})
