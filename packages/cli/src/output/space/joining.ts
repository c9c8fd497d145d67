/** How `shoal space` speaks of devices that join, at both ends. */
import { escapeForDisplay, type JoinEvent, type RequestLine, type SpaceRequest } from '@shoal/node/control'
import { formatInstant } from '../../format.ts'
import { named, shortId, type NamedSpace } from '../../space-names.ts'
import { ROLE_WORDS } from '../../strings/spaces.ts'
import { JOINING } from '../../strings/space-joining.ts'
import { NONE, SPACES_PLAIN } from '../../strings/spaces-plain.ts'
import { writeJson, writeResult, writeWarning, type Output } from '../output.ts'
import { caution, done, note, tell } from './notes.ts'

const GAP = '  '

export function reportJoin(output: Output, event: JoinEvent): void {
  if (output.mode === 'json') {
    writeJson(output, event)
    return
  }
  if (event.type === 'joined') {
    const { name, ref } = named(event)
    const { isNew } = event
    done(
      output,
      isNew ? JOINING.joined(name, ref) : JOINING.wasIn(name, ref),
      SPACES_PLAIN.joined(name, isNew),
    )
    writeResult(output, event.id)
    return
  }
  const name = escapeForDisplay(event.name)
  if (event.state === 'searching') note(output, JOINING.searching(name), SPACES_PLAIN.searching(name))
  if (event.code === null) return
  note(output, JOINING.code(event.code), SPACES_PLAIN.code(name, event.code))
  tell(output, JOINING.compare(name))
}

/** Who waits to be let in. */
export function reportRequests(
  output: Output,
  { name, ref }: NamedSpace,
  requests: readonly SpaceRequest[],
): void {
  const { mode, stdout } = output
  if (requests.length === 0) note(output, JOINING.nobody(ref), SPACES_PLAIN.noRequests(name))
  for (const request of requests) {
    const { id, role, code, askedMs } = request
    if (mode === 'json') writeJson(output, requestLine(request, 'waiting'))
    else if (mode === 'quiet') writeResult(output, id)
    else if (!stdout.isTerminal) {
      const asked = formatInstant(askedMs) ?? NONE
      writeResult(output, SPACES_PLAIN.row([id, role, code, asked, escapeForDisplay(request.name)]))
    } else {
      writeResult(output, [shortId(id), code, ROLE_WORDS[role], escapeForDisplay(request.name)].join(GAP))
    }
  }
  const [first] = requests
  if (first !== undefined) tell(output, JOINING.howToDecide(ref, shortId(first.id)))
}

/** Puts the question; a key is the answer. */
export function askWhether(output: Output, { code, name }: SpaceRequest): void {
  caution(output, JOINING.question(escapeForDisplay(name), code))
}

export function reportDecided(
  output: Output,
  { name: space }: NamedSpace,
  request: SpaceRequest,
  state: 'approved' | 'refused',
): void {
  if (output.mode === 'json') writeJson(output, requestLine(request, state))
  const name = escapeForDisplay(request.name)
  const isIn = state === 'approved'
  done(
    output,
    isIn ? JOINING.approved(name, space, request.role) : JOINING.refused(name, space),
    SPACES_PLAIN.decided(space, request.id, state),
  )
}

/** That an invitation is to be ended. */
export function reportSuspect(output: Output, { ref }: NamedSpace, { invite }: SpaceRequest): void {
  const message = JOINING.suspect(ref, shortId(invite))
  writeWarning(output, { type: 'warning', code: 'WARN_INVITE_SUSPECT', message })
}

function requestLine(
  { id, name, role, code, askedMs, invite }: SpaceRequest,
  state: RequestLine['state'],
): RequestLine {
  return { type: 'request', id, name, role, code, asked: askedMs, invite, state }
}
