
(() => {
  'use strict'
  const form = document.getElementById('filters')
  if (!form) return
  const findings = [...document.querySelectorAll('details.finding')].map((element) => ({
    element,
    rule: element.dataset.rule,
    severity: element.dataset.severity,
    path: element.dataset.path.toLowerCase(),
    text: element.textContent.toLowerCase(),
  }))
  const status = document.getElementById('shown')

  function filter() {
    const wanted = new FormData(form)
    const severities = wanted.getAll('severity')
    const rule = wanted.get('rule')
    const path = wanted.get('path').trim().toLowerCase()
    const words = wanted.get('text').trim().toLowerCase()
    let shown = 0
    for (const finding of findings) {
      const matches =
        severities.includes(finding.severity) &&
        (rule === '' || rule === finding.rule) &&
        finding.path.includes(path) &&
        finding.text.includes(words)
      finding.element.hidden = !matches
      if (matches) shown += 1
    }
    status.textContent = `${shown} of ${findings.length} shown`
  }

  function setOpen(open) {
    for (const finding of findings) finding.element.open = open
  }

  form.addEventListener('input', filter)
  // The fields have their first values again only after the event.
  form.addEventListener('reset', () => setTimeout(filter))
  form.addEventListener('submit', (event) => event.preventDefault())
  document.getElementById('open').addEventListener('click', () => setOpen(true))
  document.getElementById('close').addEventListener('click', () => setOpen(false))
  form.hidden = false
  filter()
})()
