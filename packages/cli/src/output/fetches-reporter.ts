/** How `shoal fetches` and `shoal fetch --detach` speak. */
import { escapeForDisplay, type FetchStateEvent } from '@shoal/node/control'
import type { FetchAction } from '../arguments/arguments.ts'
import { formatAmount, formatBytes, formatPercent } from '../format.ts'
import { FETCHES, FETCHES_PLAIN } from '../strings/fetches.ts'
import { isSlowOnly, waitText } from '../strings/waits.ts'
import { padEnd } from './cells.ts'
import { writeJson, writeNote, writeResult, writeSuccess, type Output } from './output.ts'
import { Rows } from './rows.ts'

const STATE_WIDTH = Math.max(...Object.values(FETCHES.states).map((state) => state.length))
const ENDED: ReadonlySet<FetchStateEvent['state']> = new Set(['done', 'failed', 'cancelled'])
/** What each change leads to. */
const LEADS_TO = { pause: 'paused', resume: 'active', cancel: 'cancelled' } as const satisfies Record<
  FetchAction,
  string
>

/**
 * All that there are, the ended ones last.
 *
 * @param isActive whether a node goes on with them
 */
export async function reportFetches(
  output: Output,
  fetches: readonly FetchStateEvent[],
  isActive: boolean,
): Promise<void> {
  const rows = new Rows(output)
  const format = formatFor(output, isActive)
  const isOpen = ({ state }: FetchStateEvent): boolean => !ENDED.has(state)
  const open = fetches.filter(isOpen)
  for (const fetch of [...open, ...fetches.filter((each) => !isOpen(each))]) await rows.add(format(fetch))
  rows.write()
  if (fetches.length === 0) note(output, FETCHES.none, FETCHES_PLAIN.none)
  else if (!isActive && open.some(({ state }) => state !== 'paused')) {
    note(output, `${output.theme.warn} ${FETCHES.resting}`, FETCHES_PLAIN.resting)
  }
}

/** That one was handed over. */
export function reportDetached(output: Output, fetch: FetchStateEvent): void {
  if (output.mode === 'json') {
    writeJson(output, fetch)
    return
  }
  writeSuccess(output, { terminal: FETCHES.detached, plain: FETCHES_PLAIN.detached(fetch.id, fetch.state) })
  writeResult(output, fetch.id)
}

/** How one stands after a change, which leaves what has ended as it is. */
export function reportChange(output: Output, action: FetchAction, fetch: FetchStateEvent): void {
  if (output.mode === 'json') writeJson(output, fetch)
  const name = nameOf(fetch)
  const { id, state } = fetch
  const isOpen = !ENDED.has(state) && state !== 'paused'
  if (LEADS_TO[action] === (isOpen ? 'active' : state)) {
    writeSuccess(output, { terminal: FETCHES.changed[action](name), plain: FETCHES_PLAIN.changed(id, state) })
  } else {
    note(output, FETCHES.stays(name, FETCHES.states[state]), FETCHES_PLAIN.stays(id, state))
  }
}

function formatFor({ mode, stdout }: Output, isActive: boolean): (fetch: FetchStateEvent) => string {
  if (mode === 'json') return (fetch) => JSON.stringify(fetch)
  if (mode === 'quiet') return ({ id }) => id
  return stdout.isTerminal ? (fetch) => forPeople(fetch, isActive) : forScripts
}

function forPeople(fetch: FetchStateEvent, isActive: boolean): string {
  const { id, directory, path } = fetch
  const facts = [padEnd(wordOf(fetch), STATE_WIDTH), progressOf(fetch), nameOf(fetch)]
  const where = path === null ? FETCHES.to(escapeForDisplay(directory)) : escapeForDisplay(path)
  const why = whyOf(fetch, isActive)
  return [[id, ...facts.filter((fact) => fact !== '')].join('  '), ...(why === '' ? [] : [why]), where].join(
    '\n  ',
  )
}

function forScripts({
  id,
  state,
  reason,
  bytes,
  total,
  rate,
  name,
  directory,
  path,
}: FetchStateEvent): string {
  return FETCHES_PLAIN.row([
    id,
    state,
    reason,
    bytes,
    total,
    Math.round(rate),
    name === null ? null : escapeForDisplay(name),
    escapeForDisplay(path ?? directory),
  ])
}

/** What runs without anybody to get it from waits, for a person. */
function wordOf({ state, reason }: FetchStateEvent): string {
  const waits = state === 'running' && reason !== null && !isSlowOnly(reason, state)
  return FETCHES.states[waits ? 'waiting' : state]
}

function nameOf({ name }: FetchStateEvent): string {
  return name === null ? FETCHES.unnamed : escapeForDisplay(name)
}

function progressOf({ state, bytes, total }: FetchStateEvent): string {
  if (state === 'done') return formatBytes(bytes)
  return total === null || total === 0 ? '' : `${formatPercent(bytes, total)}  ${formatAmount(bytes, total)}`
}

function whyOf(fetch: FetchStateEvent, isActive: boolean): string {
  const { id, state, reason, detail, rate, peers, error } = fetch
  switch (state) {
    case 'done':
    case 'cancelled':
      return ''
    case 'failed':
      return FETCHES.failed(escapeForDisplay(error?.message ?? ''), id)
    case 'paused':
      return FETCHES.paused(id)
    case 'queued':
    case 'running':
    case 'waiting':
      if (!isActive) return FETCHES.notRunning
      if (reason === null) return FETCHES.moving(rate, peers)
      return [...(isSlowOnly(reason, state) ? [FETCHES.moving(rate, peers)] : []), waitText(reason, detail)]
        .filter((part) => part !== '')
        .join('. ')
  }
}

function note(output: Output, terminal: string, plain: string): void {
  if (output.mode === 'terminal') writeNote(output, terminal)
  if (output.mode === 'plain') writeNote(output, plain)
}
