/** The paths of the content port: `/content/SECRET/PATH INSIDE THE SHARE`. */

export interface ContentTarget {
  readonly secret: string
  /** As `read` takes it; empty for a share that is one file. */
  readonly path: string
}

const TARGET = /^\/content\/([\w-]{43})\/([!-~]*)$/

/** Undefined: there is nothing at such a path, nor can there be. */
export function parseTarget(target: string): ContentTarget | undefined {
  const [, secret, rest] = TARGET.exec(target) ?? []
  if (secret === undefined || rest === undefined || /[?#]/.test(rest)) return undefined
  if (rest === '') return { secret, path: '' }
  const names = rest.split('/').map(nameIn)
  return names.includes(undefined) ? undefined : { secret, path: names.join('/') }
}

export function targetOf(secret: string): string {
  return `/content/${secret}/`
}

function nameIn(segment: string): string | undefined {
  let name: string
  try {
    name = decodeURIComponent(segment)
  } catch {
    return undefined
  }
  return name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name) ? undefined : name
}
