/** The forms for issues are ones that GitHub accepts: it shows a form with a mistake to nobody, and says nothing. */
import { readdirSync } from 'node:fs'
import t from 'tap'
import Schema from 'typebox/schema'
import { parse } from 'yaml'
import { list, object } from '../support/fixtures.ts'
import { anchors, exists, read, TOP } from './support.ts'

const FOLDER = '.github/ISSUE_TEMPLATE'
const REPOSITORY = 'https://github.com/thermo2mqtt/thermo2mqtt'

const text = { type: 'string', minLength: 1 }
const id = { type: 'string', pattern: '^[A-Za-z0-9_-]+$' }
const strict = { type: 'object', additionalProperties: false }
const labelled = { label: text, description: text }
const required = { ...strict, properties: { required: { type: 'boolean' } } }

/** An element of a form. @param needed of its attributes */
const element = (type: string, attributes: object, needed: readonly string[], validations: object = required) => ({
  ...strict,
  required: ['type', 'attributes'],
  properties: {
    type: { const: type },
    attributes: { ...strict, required: needed, properties: attributes },
    ...(type === 'markdown' ? {} : { id, validations }),
  },
})

/** "Syntax for GitHub's form schema" and "Syntax for issue forms" of GitHub's documentation, 2026. */
const ELEMENTS = [
  element('markdown', { value: text }, ['value']),
  element('textarea', { ...labelled, placeholder: text, value: text, render: text }, ['label']),
  element('input', { ...labelled, placeholder: text, value: text }, ['label']),
  element(
    'dropdown',
    {
      ...labelled,
      multiple: { type: 'boolean' },
      options: { type: 'array', minItems: 1, uniqueItems: true, items: { ...text, not: { pattern: '^[Nn]one$' } } },
      default: { type: 'integer', minimum: 0 },
    },
    ['label', 'options'],
  ),
  element(
    'checkboxes',
    {
      ...labelled,
      options: {
        type: 'array',
        minItems: 1,
        items: { ...strict, required: ['label'], properties: { label: text, required: { type: 'boolean' } } },
      },
    },
    ['label', 'options'],
  ),
]

const FORM = {
  ...strict,
  required: ['name', 'description', 'body'],
  properties: {
    name: text,
    description: text,
    title: text,
    type: text,
    labels: { type: 'array', items: text },
    assignees: { type: 'array', items: text },
    projects: { type: 'array', items: text },
    body: { type: 'array', minItems: 1, items: { anyOf: ELEMENTS } },
  },
}

const CHOOSER = {
  ...strict,
  properties: {
    blank_issues_enabled: { type: 'boolean' },
    contact_links: {
      type: 'array',
      items: {
        ...strict,
        required: ['name', 'url', 'about'],
        properties: { name: text, url: { type: 'string', pattern: '^https://' }, about: text },
      },
    },
  },
}

/** What is wrong with a form; nothing if GitHub shows it. */
function faultsOf(form: unknown): string[] {
  if (!Schema.Check(FORM, form)) return ['schema']
  const elements = list(object(form).body).map(object)
  const asked = elements.filter(({ type }) => type !== 'markdown')
  const ids = elements.flatMap((each) => (typeof each.id === 'string' ? [each.id] : []))
  const labels = asked.map(({ attributes }) => String(object(attributes).label))
  return [
    ...(asked.length === 0 ? ['asks nothing'] : []),
    ...(new Set(ids).size < ids.length ? ['an id twice'] : []),
    ...(new Set(labels).size < labels.length ? ['a label twice'] : []),
  ]
}

const files = readdirSync(`${TOP}/${FOLDER}`)
const forms = files.filter((name) => name !== 'config.yml')
const formOf = (name: string) => object(parse(read(`${FOLDER}/${name}`)))

t.test('GitHub shows every form', async (t) => {
  t.same(forms.sort(), ['fault.yml', 'feature.yml', 'new-model.yml'])
  for (const name of forms) t.same(faultsOf(formOf(name)), [], name)
  t.ok(Schema.Check(CHOOSER, parse(read(`${FOLDER}/config.yml`))))
  t.equal(new Set(forms.map((name) => formOf(name).name)).size, forms.length, 'names differ')
})

t.test('a mistake in a form is seen', async (t) => {
  const good = { type: 'input', id: 'a', attributes: { label: 'A' } }
  const form = (...body: unknown[]) => ({ name: 'N', description: 'D', body })
  t.same(faultsOf(form(good)), [])
  const bad: readonly [what: string, form: unknown][] = [
    ['no description', { name: 'N', body: [good] }],
    ['nothing in it', form()],
    ['a key that is none', { ...form(good), about: 'x' }],
    ['an element that is none', form({ ...good, type: 'text' })],
    ['no label', form({ ...good, attributes: {} })],
    ['a misspelt attribute', form({ ...good, attributes: { label: 'A', placeHolder: 'x' } })],
    ['required in the wrong place', form({ ...good, required: true })],
    ['an id with blanks', form({ ...good, id: 'a b' })],
    ['an id of a text', form(good, { type: 'markdown', id: 'm', attributes: { value: 'x' } })],
    ['no choice', form({ type: 'dropdown', attributes: { label: 'A', options: [] } })],
    ['a choice twice', form({ type: 'dropdown', attributes: { label: 'A', options: ['x', 'x'] } })],
    ['a choice that is no text', form({ type: 'dropdown', attributes: { label: 'A', options: [true] } })],
    ['none as a choice', form({ type: 'dropdown', attributes: { label: 'A', options: ['None'] } })],
    ['boxes that are texts', form({ type: 'checkboxes', attributes: { label: 'A', options: ['x'] } })],
    ['an id twice', form(good, { ...good, attributes: { label: 'B' } })],
    ['a label twice', form(good, { ...good, id: 'b' })],
    ['nothing asked', form({ type: 'markdown', attributes: { value: 'x' } })],
  ]
  t.same(
    bad.filter(([, wrong]) => faultsOf(wrong).length === 0).map(([what]) => what),
    [],
  )
})

t.test('the fault report asks for the diagnostics, and the new model for the recording', async (t) => {
  const needed = (name: string) =>
    list(formOf(name).body).flatMap((each) => {
      const { id, validations } = object(each)
      return validations !== undefined && object(validations).required === true ? [id] : []
    })
  t.ok(needed('fault.yml').includes('diagnostics'))
  t.ok(needed('new-model.yml').includes('recording'))
  t.match(read(`${FOLDER}/new-model.yml`), /thermo2mqtt record --host=/)
})

t.test('what the forms lead to exists', async (t) => {
  const all = files.map((name) => read(`${FOLDER}/${name}`)).join('\n')
  const targets = [...all.matchAll(/https:\/\/[^\s)"]+/g)].map(([address]) => address)
  t.ok(targets.length > 5)
  const documents = targets.filter((target) => target.startsWith(`${REPOSITORY}/blob/main/`))
  const dead = documents.filter((target) => {
    const [path = '', anchor] = target.slice(`${REPOSITORY}/blob/main/`.length).split('#')
    return !exists(path) || (anchor !== undefined && !anchors(read(path)).has(anchor))
  })
  t.same(dead, [])
  t.same(
    targets.filter((target) => !documents.includes(target)),
    [`${REPOSITORY}/security/advisories/new`],
  )
  for (const page of ['CONTRIBUTING.md', 'SECURITY.md']) t.ok(read(page).includes(REPOSITORY), page)
})
