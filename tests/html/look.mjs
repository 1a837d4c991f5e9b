// Opens each page in Chromium and uses it. Called by look.sh, from the folder that has the npm packages.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import puppeteer from 'puppeteer'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const [executablePath, ...pages] = process.argv.slice(2)
const browser = await puppeteer.launch({ executablePath, args: ['--no-sandbox'] })
const TALLEST = 12_000
let failed = false

/** What is wrong with the page as it stands. */
function measure() {
  const faults = []
  if (document.documentElement.scrollWidth > innerWidth) faults.push(`the page is wider than the window: ${document.documentElement.scrollWidth}`)
  for (const link of document.querySelectorAll('a')) {
    if (!document.getElementById(link.getAttribute('href').slice(1))) faults.push(`a link leads nowhere: ${link.getAttribute('href')}`)
  }
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id)
  for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) faults.push(`two elements are called ${id}`)
  if (document.querySelectorAll('script').length !== 1 || document.querySelector('img, iframe, object, embed, link, base, [onclick], [onerror]')) {
    faults.push('something of the project became markup')
  }
  return faults
}

/** How many findings are to be seen. */
const visible = (page) => page.$$eval('details.finding', (all) => all.filter((one) => one.checkVisibility()).length)
const status = (page) => page.$eval('#shown', (element) => element.textContent)

/** Uses the page as a reader would, with the mouse and with the keyboard. */
async function use(page, faults) {
  const all = await visible(page)
  const expect = async (what, expected) => {
    const found = await visible(page)
    if (found !== expected) faults.push(`${what}: ${found} findings are shown, not ${expected}`)
    const said = await status(page)
    if (said !== `${expected} of ${all} shown`) faults.push(`${what}: the status says ${said}`)
  }
  if (!(await page.$('#filters'))) {
    if (all > 0) faults.push('there are findings and no filters')
    return 'no findings'
  }
  await expect('at first', all)
  const severities = await page.$$eval('details.finding', (list) => list.map((one) => one.dataset.severity))
  const boxes = await page.$$('input[name=severity]')
  const first = await boxes[0].evaluate((box) => box.value)
  await boxes[0].click()
  await expect(`without ${first}`, severities.filter((severity) => severity !== first).length)
  await page.click('button[type=reset]')
  await page.waitForFunction(() => document.querySelector('input[name=severity]').checked)
  await expect('after a reset', all)
  const { rule, path } = await page.$eval('details.finding', (one) => ({ ...one.dataset }))
  const of = (test) => page.$$eval('details.finding', (list, test) => list.filter((one) => new Function('one', `return ${test}`)(one)).length, test)
  await page.select('#rule', rule)
  await expect(`rule ${rule}`, await of(`one.dataset.rule === ${JSON.stringify(rule)}`))
  await page.select('#rule', '')
  await page.type('#path', path.toUpperCase())
  await expect('path', await of(`one.dataset.path.toLowerCase().includes(${JSON.stringify(path.toLowerCase())})`))
  await page.type('#path', 'no such path')
  await expect('no such path', 0)
  await page.keyboard.press('Enter')
  await expect('Enter', 0)
  await page.click('button[type=reset]')
  await page.waitForFunction(() => document.querySelector('#path').value === '')
  await page.type('#text', 'fingerprint')
  await expect('text', all)
  await page.click('#close')
  if (await page.$('details.finding[open]')) faults.push('Close all leaves some open')
  // The keyboard alone: on to the first finding, and open it.
  await page.focus('#close')
  await page.keyboard.press('Tab')
  const focused = await page.evaluate(() => document.activeElement.closest('details.finding')?.id)
  if (focused !== 'finding-1') faults.push(`Tab leads to ${focused}, not to the first finding`)
  await page.keyboard.press('Enter')
  if (!(await page.$('#finding-1[open]'))) faults.push('Enter does not open a finding')
  await page.click('#finding-1 summary')
  if (await page.$('#finding-1[open]')) faults.push('a click does not close a finding')
  await page.click('#open')
  if (await page.$('details.finding:not([open])')) faults.push('Open all leaves some closed')
  return `${all} findings`
}

for (const path of pages) {
  const page = await browser.newPage()
  const faults = []
  const url = `file://${encodeURI(path)}`
  page.on('request', (request) => { if (request.url() !== url) faults.push(`request: ${request.url()}`) })
  page.on('console', (message) => faults.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => faults.push(`error: ${error}`))
  page.on('dialog', (dialog) => { faults.push(`dialog: ${dialog.message()}`); dialog.dismiss() })
  for (const scheme of ['light', 'dark']) {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
    for (const width of [1280, 480]) {
      await page.setViewport({ width, height: 900 })
      await page.goto(url)
      faults.push(...(await page.evaluate(measure)).map((fault) => `${width} ${scheme}: ${fault}`))
      // Chromium takes no pictures of very long pages.
      const height = Math.min(TALLEST, await page.evaluate(() => document.documentElement.scrollHeight))
      await page.screenshot({ path: path.replace(/html$/, `${width}.${scheme}.png`), clip: { x: 0, y: 0, width, height }, captureBeyondViewport: true })
      await page.evaluate(axe)
      const verdict = await page.evaluate(() => globalThis.axe.run())
      faults.push(...verdict.violations.map((found) => `${width} ${scheme}: axe ${found.id}: ${found.help}: ${found.nodes[0].html.slice(0, 200)}`))
    }
  }
  await page.setViewport({ width: 1280, height: 900 })
  await page.goto(url)
  const seen = await use(page, faults)
  const withScript = await visible(page)
  await page.setJavaScriptEnabled(false)
  await page.goto(url)
  const without = await page.$$eval('details.finding', (all) => all.filter((one) => one.open && one.checkVisibility()).length)
  if (without !== withScript) faults.push(`without script ${without} of ${withScript} findings are shown`)
  if (await page.$eval('body', (body) => body.querySelector('#filters')?.checkVisibility() ?? false)) faults.push('without script there are filters')
  console.log(`${path.split('/').pop()}: ${seen}; ${faults.length} faults`)
  for (const fault of new Set(faults)) console.log(`  ${fault}`)
  failed ||= faults.length > 0
  await page.close()
}
await browser.close()
process.exit(failed ? 1 : 0)
