/**
 * The open sessions by root and peer. Where both sides opened one, the one opened by the smaller binary peer id stays
 * and the other is ended as a duplicate; both sides come to the same answer by themselves. Several that the same side
 * opened are several operations of its, and stay beside each other.
 */
import type { CID } from 'multiformats/cid'
import type { Session } from './session.ts'

export class SessionTable {
  /** By peer, by root. No more than there are open sessions, which who opens and accepts them bounds. */
  readonly #byRoot = new Map<string, Map<string, Set<Session>>>()

  /**
   * Enters an open session until it ends, and ends whichever is a duplicate by it. Entering one again does nothing.
   *
   * @returns false when it was a duplicate itself: another session with that peer stays, which `find` gives
   */
  enter(session: Session): boolean {
    if (session.isEnded) return false
    const root = session.root.toString()
    const peers = this.#byRoot.get(root) ?? new Map<string, Set<Session>>()
    const sessions = peers.get(session.remoteName) ?? new Set<Session>()
    if (sessions.has(session)) return true
    const crossing = [...sessions].filter((other) => other.isOpener !== session.isOpener)
    if (crossing.some((other) => other.isPreferred)) {
      void session.close('duplicate')
      return false
    }
    this.#byRoot.set(root, peers.set(session.remoteName, sessions.add(session)))
    session.attach({
      payloadFor: () => undefined,
      onMessage: () => {},
      onEnd: () => this.#leave(root, session),
    })
    // A node that talks to itself has the same id on both sides, and neither is preferred.
    if (session.isPreferred) for (const other of crossing) void other.close('duplicate')
    return true
  }

  /** Open sessions, by which side opened them. */
  get sizes(): { readonly ours: number; readonly theirs: number } {
    let ours = 0
    let theirs = 0
    for (const peers of this.#byRoot.values()) {
      for (const sessions of peers.values()) {
        for (const { isOpener } of sessions) {
          if (isOpener) ours++
          else theirs++
        }
      }
    }
    return { ours, theirs }
  }

  /** An open session with a peer, by its id as text. */
  find(root: CID, peer: string): Session | undefined {
    return this.#byRoot.get(root.toString())?.get(peer)?.values().next().value
  }

  /** All open sessions for a root. */
  of(root: CID): Session[] {
    return [...(this.#byRoot.get(root.toString())?.values() ?? [])].flatMap((sessions) => [...sessions])
  }

  #leave(root: string, session: Session): void {
    const peers = this.#byRoot.get(root)
    const sessions = peers?.get(session.remoteName)
    if (!sessions?.delete(session) || sessions.size > 0) return
    peers?.delete(session.remoteName)
    if (peers?.size === 0) this.#byRoot.delete(root)
  }
}
