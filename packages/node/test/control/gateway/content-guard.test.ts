import { describe, expect, test } from 'vitest'
import { guardContent } from '../../../src/control/gateway/content-guard.ts'

const NAMES = { host: '127.0.0.1:2', page: 'http://127.0.0.1:1' }
const EVIL = 'http://127.0.0.1:3'

function isLetIn(headers: Readonly<Record<string, string | string[]>>): boolean {
  const lists = Object.entries({ host: NAMES.host, ...headers }).map(
    ([name, value]) => [name, typeof value === 'string' ? [value] : value] as const,
  )
  try {
    guardContent({ headersDistinct: Object.fromEntries(lists) }, NAMES)
    return true
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_NOT_AUTHORISED' })
    return false
  }
}

/** What Chromium says of a request from a page. */
const from = (site: string, mode: string, destination: string) => ({
  'sec-fetch-site': site,
  'sec-fetch-mode': mode,
  'sec-fetch-dest': destination,
})

describe('let in', () => {
  test.each([
    ['a program that is no browser', {}],
    ['a fetch of our page', { origin: NAMES.page, ...from('same-site', 'cors', 'empty') }],
    [
      'a video of our page, asked for with CORS',
      { origin: NAMES.page, ...from('same-site', 'cors', 'video') },
    ],
    ['an image of our page', { origin: NAMES.page, ...from('same-site', 'cors', 'image') }],
    ['a link of our page', { referer: `${NAMES.page}/`, ...from('same-site', 'navigate', 'document') }],
    ['an address that a person typed', from('none', 'navigate', 'document')],
    ['our page in a browser that says little', { referer: `${NAMES.page}/` }],
  ])('%s', (_name, headers) => {
    expect(isLetIn(headers)).toBe(true)
  })
})

describe('refused', () => {
  const stolen = (site: string, extra: Record<string, string> = {}) =>
    [
      [`an image of a page that hides itself (${site})`, { ...from(site, 'no-cors', 'image'), ...extra }],
      [`a video of one (${site})`, { ...from(site, 'no-cors', 'video'), ...extra }],
      [`a fetch of one without CORS (${site})`, { ...from(site, 'no-cors', 'empty'), ...extra }],
      [`a window of one (${site})`, { ...from(site, 'navigate', 'document'), ...extra }],
      [`a frame of one (${site})`, { ...from(site, 'navigate', 'iframe'), ...extra }],
    ] as const
  test.each<readonly [string, Readonly<Record<string, string | string[]>>]>([
    ...stolen('same-site'),
    ...stolen('cross-site'),
    ...stolen('same-origin'),
    ...stolen('same-site', { referer: `${EVIL}/` }),
    ...stolen('none').filter(([, { 'sec-fetch-dest': place }]) => place !== 'document'),
    ['a fetch of a page with CORS', { origin: EVIL, ...from('same-site', 'cors', 'empty') }],
    ['a page in a sandbox', { origin: 'null', ...from('cross-site', 'cors', 'video') }],
    [
      'an image of our page without CORS',
      { referer: `${NAMES.page}/`, ...from('same-site', 'no-cors', 'image') },
    ],
    ['a window that is none', { referer: `${NAMES.page}/`, ...from('same-site', 'cors', 'document') }],
    ['two origins', { origin: [NAMES.page, EVIL] }],
    ['our origin twice', { origin: [NAMES.page, NAMES.page] }],
    ['our origin across sites', { origin: NAMES.page, ...from('cross-site', 'cors', 'empty') }],
    ['a name that begins as ours', { referer: `${NAMES.page}1/`, ...from('same-site', 'no-cors', 'image') }],
    ['ours as a user of another', { referer: `${NAMES.page}@evil.test/` }],
    ['a page in a browser that says little', { referer: `${EVIL}/` }],
    ['a script of our page', { origin: NAMES.page, ...from('same-site', 'cors', 'script') }],
    ['a style of our page', { referer: `${NAMES.page}/`, ...from('same-site', 'no-cors', 'style') }],
    ['a frame of our page', { referer: `${NAMES.page}/`, ...from('same-site', 'navigate', 'iframe') }],
    ['an object of our page', { referer: `${NAMES.page}/`, ...from('same-site', 'navigate', 'object') }],
    ['a worker of our page', { referer: `${NAMES.page}/`, ...from('same-site', 'same-origin', 'worker') }],
    ['another host', { host: 'evil.test:2' }],
    ['the host of the API', { host: '127.0.0.1:1' }],
    ['no host', { host: [] }],
    ['two hosts', { host: [NAMES.host, NAMES.host] }],
  ])('%s', (_name, headers) => {
    expect(isLetIn(headers)).toBe(false)
  })
})
