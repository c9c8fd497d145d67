/**
 * What a hostile page tries against a node. `attack` returns what came of each try: `refused`, or what the page got to know or
 * to do. It runs in a browser: served by the test, on a port of its own and under a name that resolves to this machine.
 */

const PATIENCE_MS = 5_000

/** The first of what comes; a browser may tell a page nothing at all. */
function outcome(start) {
  return new Promise((resolve) => {
    setTimeout(() => resolve('refused'), PATIENCE_MS)
    Promise.resolve()
      .then(() => start(resolve))
      .catch(() => resolve('refused'))
  })
}

/** What a request shows to this page: only what is entitled is answered well. */
function request(url, init) {
  return outcome(async (done) => {
    const response = await fetch(url, init)
    const text = await response.text()
    const isGot = response.ok || text.includes('"type":"status"') || text.includes('"token"')
    done(isGot ? `read ${text.slice(0, 80)}` : 'refused')
  })
}

/** An element that loads, or fails to. */
function element(name, url, attributes, good) {
  return outcome((done) => {
    const made = document.createElement(name)
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
    for (const event of good) made.addEventListener(event, () => done(`${name} ${event}`))
    made.addEventListener('error', () => done('refused'))
    made.setAttribute(name === 'link' ? 'href' : name === 'object' ? 'data' : 'src', url)
    document.body.append(made)
  })
}

/** A document in this page: whether it came is seen by the node, what is in it here. */
function frame(name, url) {
  return outcome((done) => {
    const made = document.createElement(name)
    made.addEventListener('load', () => {
      let text = ''
      try {
        text = made.contentDocument?.body?.textContent ?? ''
      } catch {
        // Of another origin.
      }
      done(text === '' || text.includes('ERR_') ? 'refused' : `${name} ${text.slice(0, 80)}`)
    })
    made.addEventListener('error', () => done('refused'))
    made.setAttribute(name === 'object' ? 'data' : 'src', url)
    document.body.append(made)
  })
}

function form(url, type, fields) {
  return outcome((done) => {
    const target = document.createElement('iframe')
    target.name = `f${Math.random()}`
    document.body.append(target)
    const made = document.createElement('form')
    Object.assign(made, { method: 'POST', action: url, enctype: type, target: target.name })
    for (const [name, value] of Object.entries(fields)) {
      const input = document.createElement('input')
      Object.assign(input, { type: 'hidden', name, value })
      made.append(input)
    }
    document.body.append(made)
    target.addEventListener('load', () => {
      if (target.contentWindow?.location.href !== 'about:blank') done('refused')
    })
    made.submit()
  })
}

function opened(url) {
  return outcome(async (done) => {
    const made = window.open(url)
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    let text = ''
    try {
      text = made?.document.body.textContent ?? ''
    } catch {
      // Of another origin.
    }
    made?.close()
    done(text === '' || text.includes('ERR_') ? 'refused' : `window ${text.slice(0, 80)}`)
  })
}

/** Ways that make a document, each of which takes a while. */
function reachByDocuments(url) {
  return {
    form: () => form(url, 'application/x-www-form-urlencoded', { paths: '/etc' }),
    'form of plain text': () => form(url, 'text/plain', { '{"paths":["/etc"],"x":"': '"}' }),
    'form in parts': () => form(url, 'multipart/form-data', { paths: '/etc' }),
    frame: () => frame('iframe', url),
    object: () => frame('object', url),
    embed: () => frame('embed', url),
    window: () => opened(url),
  }
}

/** Those that make none. */
function reach(url) {
  return {
    fetch: () => request(url),
    'fetch without CORS': () => request(url, { mode: 'no-cors' }),
    'fetch that hides where it is from': () =>
      request(url, { mode: 'no-cors', referrerPolicy: 'no-referrer' }),
    'fetch with cookies': () => request(url, { credentials: 'include' }),
    'fetch of a part': () => request(url, { headers: { range: 'bytes=0-99' } }),
    'fetch that asks first': () => request(url, { headers: { 'x-other': '1' } }),
    'fetch with a wrong token': () => request(url, { headers: { authorization: 'Bearer wrong' } }),
    'post of plain text': () =>
      request(url, { method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } }),
    'post of plain text without CORS': () => request(url, { method: 'POST', body: '{}', mode: 'no-cors' }),
    'post of JSON': () =>
      request(url, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }),
    'post of JSON without CORS': () =>
      request(url, {
        method: 'POST',
        body: new Blob(['{}'], { type: 'application/json' }),
        mode: 'no-cors',
      }),
    delete: () => request(url, { method: 'DELETE' }),
    beacon: () => outcome((done) => done(navigator.sendBeacon(url, '{}') ? 'refused' : 'refused')),
    form: () => form(url, 'application/x-www-form-urlencoded', { paths: '/etc' }),
    script: () => element('script', url, {}, ['load']),
    'script with CORS': () => element('script', url, { crossorigin: 'anonymous' }, ['load']),
    module: () => element('script', url, { type: 'module' }, ['load']),
    style: () => element('link', url, { rel: 'stylesheet' }, ['load']),
    image: () => element('img', url, {}, ['load']),
    'image that hides where it is from': () =>
      element('img', url, { referrerpolicy: 'no-referrer' }, ['load']),
    'image with CORS': () => element('img', url, { crossorigin: 'anonymous' }, ['load']),
    'image with cookies': () => element('img', url, { crossorigin: 'use-credentials' }, ['load']),
    video: () => element('video', url, { preload: 'auto' }, ['loadedmetadata', 'canplay']),
    'video with CORS': () =>
      element('video', url, { preload: 'auto', crossorigin: 'anonymous' }, ['loadedmetadata']),
    audio: () => element('audio', url, { preload: 'auto' }, ['loadedmetadata', 'canplay']),
    frame: () => frame('iframe', url),
    object: () => frame('object', url),
    embed: () => frame('embed', url),
    window: () => opened(url),
    events: () =>
      outcome((done) => {
        const source = new EventSource(url)
        source.addEventListener('open', () => done('events open'))
        source.addEventListener('error', () => {
          source.close()
          done('refused')
        })
      }),
    WebSocket: () =>
      outcome((done) => {
        const socket = new WebSocket(url.replace('http:', 'ws:'))
        socket.addEventListener('open', () => done('WebSocket open'))
        socket.addEventListener('error', () => done('refused'))
      }),
    worker: () =>
      outcome((done) => {
        const worker = new Worker(url)
        worker.addEventListener('message', () => done('worker'))
        worker.addEventListener('error', () => done('refused'))
      }),
    import: () =>
      outcome(async (done) => {
        await import(url)
        done('imported')
      }),
  }
}

/** @param targets addresses of the node, by what they are; `documents` are those that documents are made of; and codes, by which a page of the node would log in */
window.attack = async ({ targets, documents, logins, codes }) => {
  const results = {}
  // No browser tells how a form ended that it did not let through: the time for that is given to all of them together.
  const forms = []
  for (const url of logins) {
    for (const code of codes) {
      const body = JSON.stringify({ code })
      const json = { 'content-type': 'application/json' }
      results[`login ${code} with CORS at ${url}`] = await request(url, {
        method: 'POST',
        body,
        headers: json,
      })
      results[`login ${code} as plain text at ${url}`] = await request(url, { method: 'POST', body })
      results[`login ${code} without CORS at ${url}`] = await request(url, {
        method: 'POST',
        body: new Blob([body], { type: 'application/json' }),
        mode: 'no-cors',
      })
      forms.push(form(url, 'text/plain', { '{"code":"': `${code}"}` }))
    }
  }
  await Promise.all(forms)
  const ways = Object.entries(targets).flatMap(([what, url]) => {
    const all = documents.includes(what) ? { ...reach(url), ...reachByDocuments(url) } : reach(url)
    return Object.entries(all).map(([how, start]) => [`${what}: ${how}`, start])
  })
  const tries = ways.map(async ([how, start]) => [how, await start()])
  Object.assign(results, Object.fromEntries(await Promise.all(tries)))
  return results
}
