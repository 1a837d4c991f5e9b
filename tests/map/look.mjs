// Opens each page in Chromium and measures it. Called by look.sh, from the folder that has the npm packages.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import puppeteer from 'puppeteer'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const [executablePath, ...pages] = process.argv.slice(2)
const browser = await puppeteer.launch({ executablePath, args: ['--no-sandbox'] })
let failed = false

/** What is wrong with the drawing, measured in the page. */
function measure() {
  const faults = []
  const box = (element) => element.getBoundingClientRect()
  const cards = [...document.querySelectorAll('svg .card')]
  for (const card of cards) {
    const frame = box(card.querySelector('rect'))
    for (const text of card.querySelectorAll('text')) {
      const place = box(text)
      if (place.right > frame.right + 0.5 || place.left < frame.left || place.bottom > frame.bottom + 1 || place.top < frame.top - 1) {
        faults.push(`text leaves its card: ${text.textContent}`)
      }
    }
    for (const other of cards) {
      const rect = box(other.querySelector('rect'))
      const apart = rect.left >= frame.right || rect.right <= frame.left || rect.top >= frame.bottom || rect.bottom <= frame.top
      if (other !== card && !apart) faults.push(`cards overlap: ${card.id} ${other.id}`)
    }
  }
  for (const title of document.querySelectorAll('svg .zone-title')) {
    if (box(title).right > box(title.previousElementSibling).right) faults.push(`a zone's title is too wide: ${title.textContent}`)
  }
  // Edges go around cards: no point of an edge lies in a card.
  for (const edge of document.querySelectorAll('svg .edge')) {
    const length = edge.getTotalLength()
    const matrix = edge.getScreenCTM()
    for (let at = 6; at < length - 10; at += 6) {
      const point = edge.getPointAtLength(at).matrixTransform(matrix)
      const hit = cards.find((card) => {
        const rect = box(card.querySelector('rect'))
        return point.x > rect.left + 1 && point.x < rect.right - 1 && point.y > rect.top + 1 && point.y < rect.bottom - 1
      })
      if (hit) {
        faults.push(`an edge crosses a card: ${edge.textContent} over ${hit.id}`)
        break
      }
    }
  }
  for (const link of document.querySelectorAll('a')) {
    if (!document.getElementById(link.getAttribute('href').slice(1))) faults.push(`a link leads nowhere: ${link.getAttribute('href')}`)
  }
  if (document.documentElement.scrollWidth > innerWidth) faults.push(`the page is wider than the window: ${document.documentElement.scrollWidth}`)
  const svg = document.querySelector('figure svg')
  return { faults, cards: cards.length, scale: svg ? box(svg).width / svg.viewBox.baseVal.width : 1 }
}

for (const path of pages) {
  const page = await browser.newPage()
  const faults = []
  page.on('request', (request) => { if (!request.url().startsWith('file:') || request.url() !== page.url() && request.url() !== `file://${path}`) faults.push(`request: ${request.url()}`) })
  page.on('console', (message) => faults.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => faults.push(`error: ${error}`))
  let seen = ''
  for (const scheme of ['light', 'dark']) {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
    for (const width of [1280, 700]) {
      await page.setViewport({ width, height: 900 })
      await page.goto(`file://${encodeURI(path)}`)
      const measured = await page.evaluate(measure)
      faults.push(...measured.faults.map((fault) => `${width} ${scheme}: ${fault}`))
      seen += ` ${width}: ×${measured.scale.toFixed(2)}`
      await page.screenshot({ path: path.replace(/html$/, `${width}.${scheme}.png`), fullPage: true })
      await page.evaluate(axe)
      const verdict = await page.evaluate(() => globalThis.axe.run())
      faults.push(...verdict.violations.map((found) => `${width} ${scheme}: axe ${found.id}: ${found.help}: ${found.nodes[0].html.slice(0, 200)}`))
      if (scheme === 'light' && width === 1280) seen += ` (${measured.cards} cards)`
    }
  }
  console.log(`${path.split('/').pop()}:${seen}; ${faults.length} faults`)
  for (const fault of new Set(faults)) console.log(`  ${fault}`)
  failed ||= faults.length > 0
  await page.close()
}
await browser.close()
process.exit(failed ? 1 : 0)
