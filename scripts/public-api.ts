/**
 * The public API of `@shoal/node` as the compiler sees it, for the scripts that document and check it. Through the programming
 * interface of TypeScript 7, which is marked unstable: the version is pinned, and only this file knows it.
 */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { API, SymbolFlags, type Checker, type Project, type Symbol } from 'typescript/unstable/sync'
import { SyntaxKind, type Node } from 'typescript/unstable/ast'

export const ROOT: string = join(import.meta.dirname, '..')
const NODE = join(ROOT, 'packages/node/src')

export interface Member {
  readonly name: string
  /** Its type, or the parameters and result of a method, as it stands in the source. */
  readonly type: string
  readonly isOptional: boolean
  readonly docs: Docs
  /** Where it is named, declarations left out. */
  readonly uses: readonly Use[]
}

export interface Use {
  /** Path in the repository. */
  readonly file: string
  /** Its value is taken, not given. */
  readonly isRead: boolean
}

export interface Docs {
  readonly text: string
  readonly tags: readonly { readonly name: string; readonly text: string }[]
}

export interface Declaration {
  /** Which of the modules that were asked for exports it. */
  readonly module: string
  readonly name: string
  readonly kind: 'function' | 'class' | 'interface' | 'type' | 'value'
  /** Path in the repository. */
  readonly file: string
  readonly docs: Docs
  /** Without bodies and comments. */
  readonly source: string
  /** Names of public interfaces that it extends. */
  readonly bases: readonly string[]
  /** Its own; those of the types that it extends are theirs. */
  readonly members: readonly Member[]
  /** Types of this package that it mentions. */
  readonly mentions: readonly string[]
}

/**
 * What modules of `packages/node/src` export.
 *
 * @param hasUses for which interfaces to look where their members are named, which takes a while
 */
export function exportsOf(
  files: readonly string[],
  hasUses: (name: string) => boolean = () => false,
): Declaration[] {
  return withProject((project) => files.flatMap((file) => exportsIn(project, file, hasUses)))
}

/** With tests and examples in it, which read the sources. */
function withProject<T>(work: (project: Project) => T): T {
  const config = join(ROOT, 'scripts/surface.tsconfig.json')
  const api = new API({ cwd: ROOT })
  try {
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config)
    if (project === undefined) throw new Error(`${config} cannot be opened`)
    return work(project)
  } finally {
    api.close()
  }
}

function exportsIn(project: Project, module: string, hasUses: (name: string) => boolean): Declaration[] {
  const { checker, program } = project
  const source = program.getSourceFile(join(NODE, module))
  const symbol = source === undefined ? undefined : checker.getSymbolAtLocation(source)
  if (symbol === undefined) throw new Error(`${module} is not part of the project`)
  return checker
    .getExportsOfModule(symbol)
    .map((it) => (it.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(it) : it))
    .map((it) => ({ module, ...declarationOf(checker, it, hasUses(it.name)) }))
}

function declarationOf(checker: Checker, symbol: Symbol, withUses: boolean): Omit<Declaration, 'module'> {
  const node = nodeOf(symbol)
  const kind = kindOf(node)
  const text = textOf(node)
  return {
    name: symbol.name,
    kind,
    file: fileOf(node),
    docs: docsOf(checker, symbol),
    source: withoutComments(kind === 'function' ? text.slice(0, bodyStart(node)) : text),
    bases: basesOf(node),
    members: membersOf(checker, symbol, node, withUses),
    mentions: mentionsOf(checker, node),
  }
}

function nodeOf(symbol: Symbol): Node {
  const node = symbol.declarations[0]?.resolve()
  if (node === undefined) throw new Error(`${symbol.name} has no declaration`)
  return node
}

function kindOf({ kind }: Node): Declaration['kind'] {
  switch (kind) {
    case SyntaxKind.FunctionDeclaration:
      return 'function'
    case SyntaxKind.ClassDeclaration:
      return 'class'
    case SyntaxKind.InterfaceDeclaration:
      return 'interface'
    case SyntaxKind.TypeAliasDeclaration:
      return 'type'
    default:
      return 'value'
  }
}

function membersOf(checker: Checker, symbol: Symbol, node: Node, withUses: boolean): Member[] {
  if (kindOf(node) !== 'interface') return []
  return [...symbol.getMembers().values()].flatMap((member) => {
    const { name, type } = nodeOf(member) as Node & { name?: Node; type?: Node }
    if (name === undefined || type === undefined) return []
    return [
      {
        name: member.name,
        type: withoutComments(textOf(type)),
        isOptional: sourceOf(name)[name.end] === '?',
        docs: docsOf(checker, member),
        uses: withUses ? usesOf(checker, name) : [],
      },
    ]
  })
}

function usesOf(checker: Checker, name: Node): Use[] {
  const references = checker
    .getReferencedSymbolsForNode(name, name.getStart())
    .flatMap((entry) => entry.references)
  return references.flatMap((handle) => {
    const node = handle.resolve()
    if (node?.parent === undefined || node.parent.kind === SyntaxKind.PropertySignature) return []
    const { kind } = node.parent
    const isRead = kind === SyntaxKind.PropertyAccessExpression || kind === SyntaxKind.BindingElement
    return [{ file: fileOf(node), isRead }]
  })
}

/** Names of the package's own types in a declaration, bodies left out. */
function mentionsOf(checker: Checker, root: Node): string[] {
  const found = new Set<string>()
  const visit = (node: Node): void => {
    if (node.kind === SyntaxKind.Block) return
    const isType =
      node.kind === SyntaxKind.TypeReference || node.kind === SyntaxKind.ExpressionWithTypeArguments
    const name = isType ? nameIn(node) : undefined
    if (name !== undefined) {
      const at = checker.getSymbolAtLocation(name)
      const symbol = at !== undefined && at.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(at) : at
      const declared = symbol?.declarations[0]?.resolve()
      if (declared !== undefined && fileOf(declared).startsWith('packages/node/src/')) {
        if (declared.kind !== SyntaxKind.TypeParameter) found.add(symbol?.name ?? '')
      }
    }
    node.forEachChild(visit)
  }
  visit(root)
  return [...found]
}

function nameIn(node: Node): Node | undefined {
  let first: Node | undefined
  node.forEachChild((child) => void (first ??= child))
  return first
}

function basesOf(node: Node): string[] {
  const clauses = (node as Node & { heritageClauses?: readonly Node[] }).heritageClauses ?? []
  return clauses.flatMap((clause) => {
    const names: string[] = []
    clause.forEachChild((child) => void names.push(textOf(child)))
    return names
  })
}

function docsOf(checker: Checker, symbol: Symbol): Docs {
  return {
    text: oneLine(checker.getDocumentationCommentOfSymbol(symbol)),
    tags: checker.getJsDocTagsOfSymbol(symbol).map(({ name, text }) => ({
      name,
      text: name === 'example' ? (text ?? '') : oneLine(text ?? ''),
    })),
  }
}

function bodyStart(node: Node): number | undefined {
  const { body } = node as Node & { body?: Node }
  return body === undefined ? undefined : body.getStart() - node.getStart()
}

const sources = new Map<string, string>()

function sourceOf(node: Node): string {
  const file = join(ROOT, fileOf(node))
  const text = sources.get(file) ?? readFileSync(file, 'utf8')
  sources.set(file, text)
  return text
}

function textOf(node: Node): string {
  return sourceOf(node).slice(node.getStart(), node.end)
}

function fileOf(node: Node): string {
  return relative(ROOT, node.getSourceFile().fileName).replaceAll('\\', '/')
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[^]*?\*\/\s*|(?<=^|\s)\/\/.*\n/g, '').trim()
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
