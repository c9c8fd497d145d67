/** What service managers are told, and how their commands are run. */
import { expect, test } from 'vitest'
import { serviceFor, type ServiceInit } from '../src/daemon/service.ts'

const INIT: ServiceInit = {
  command: ['/opt/no de/bin/node', '/opt/shoal.js', 'daemon', 'run', '--home', '/h/100% "$x"\\n & <b>'],
  home: '/h/ada/.shoal',
  isDefaultHome: true,
  userFolder: '/h/ada',
  env: {},
}

test('a user unit of systemd', () => {
  expect(serviceFor('linux', INIT)).toMatchSnapshot()
})

test('an agent of launchd', () => {
  expect(serviceFor('darwin', INIT)).toMatchSnapshot()
})

test('each home has a service of its own, and the folder of units may be another', () => {
  const file = (init: Partial<ServiceInit>): string | undefined =>
    serviceFor('linux', { ...INIT, ...init })?.file
  const other = file({ isDefaultHome: false, home: '/srv/a' })
  expect(other).toMatch(/^\/h\/ada\/\.config\/systemd\/user\/shoal-[0-9a-f]{8}\.service$/)
  expect(file({ isDefaultHome: false, home: '/srv/b' })).not.toBe(other)
  expect(file({ env: { XDG_CONFIG_HOME: '/c' } })).toBe('/c/systemd/user/shoal.service')
  expect(file({ env: { XDG_CONFIG_HOME: 'relative' } })).toBe('/h/ada/.config/systemd/user/shoal.service')
})

test('where Shoal knows no service manager there is none', () => {
  expect(serviceFor('win32', INIT)).toBeUndefined()
})
