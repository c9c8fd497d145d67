/** Looks for secrets in text, in whatever form they might have got there. */

/** As long a piece of a secret as is taken for it: what is shorter is no use to anybody, and may stand there by chance. */
const PIECE = 16

/** Text in every form that a log might give it. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const raw = /^[A-Za-z0-9_-]{43,}$/.test(secret) ? Buffer.from(secret, 'base64url') : undefined
  const encoded = [bytes, ...(raw === undefined ? [] : [raw])].flatMap((it) => [
    it.toString('hex'),
    it.toString('hex').toUpperCase(),
    // Where it stands decides which letters it has: what it shares a letter with is left out.
    ...[0, 1, 2].flatMap((shift) => {
      const shifted = Buffer.concat([Buffer.alloc(shift), it])
      return (['base64', 'base64url'] as const).map((as) => shifted.toString(as).slice(shift * 2, -4))
    }),
  ])
  const percent = Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
  return [secret, encodeURIComponent(secret), percent, percent.toUpperCase(), ...encoded]
}

/** The secrets of a link: its key, its hints, and both together. */
export function secretsOf(link: string): string[] {
  const [, fragment = ''] = link.split('#')
  return [fragment, ...fragment.split('.')].filter((text) => text.length >= PIECE)
}

export class SecretScan {
  readonly #pieces = new Map<string, string>()

  /** @param secrets by what they are called; none is shorter than a piece */
  constructor(secrets: Readonly<Record<string, string>>) {
    for (const [name, secret] of Object.entries(secrets)) {
      if (secret.length < PIECE) throw new Error(`${name} is too short to be looked for`)
      for (const form of formsOf(secret)) {
        for (let at = 0; at + PIECE <= form.length; at++) this.#pieces.set(form.slice(at, at + PIECE), name)
      }
    }
  }

  /** Which secrets a text has a piece of. */
  find(text: string): string[] {
    const found = new Set<string>()
    for (let at = 0; at + PIECE <= text.length; at++) {
      const name = this.#pieces.get(text.slice(at, at + PIECE))
      if (name !== undefined) found.add(name)
    }
    return [...found]
  }
}
