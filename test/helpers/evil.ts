/** Somebody else's server with a hostile page, on this machine and under a name that leads to it. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { EVIL_ADDRESS } from './browser.ts'

export interface Evil {
  readonly port: number
  /** Paths that were asked for. */
  readonly asked: string[]
}

/** A server of somebody else, with a hostile page. */
export async function evilServer(): Promise<Evil> {
  const html = await evilPage()
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.setHeader('content-type', 'text/html').end(html)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  await rebind(port, html)
  return { port, asked }
}

/** The page, as text. */
export async function evilPage(): Promise<string> {
  const script = await readFile(new URL('../e2e/pages/attack.js', import.meta.url), 'utf8')
  return `<!doctype html><meta charset="utf-8"><title>evil</title><body><script>${script}</script>`
}

/**
 * What a name leads to that was made to lead to the node after its page had come: a page at first, and then whatever is at
 * that port of this machine. To a browser that is one server, and to the node a browser that calls it by that name.
 */
export async function rebind(port: number, html: string): Promise<void> {
  const sockets = new Set<Socket>()
  const server = createTcpServer((client) => {
    sockets.add(client.on('error', () => client.destroy()))
    client.once('data', (bytes) => {
      if (bytes.toString('latin1').startsWith('GET / ')) {
        const head = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${Buffer.byteLength(html)}\r\nConnection: close\r\n\r\n`
        client.end(`${head}${html}`)
        return
      }
      const node = connect(port, '127.0.0.1')
      sockets.add(node.on('error', () => client.destroy()))
      node.write(bytes)
      client.pipe(node).pipe(client)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, EVIL_ADDRESS, resolve)
  })
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
}
