import { isObject, type JsonValue } from '../../core/json.ts'
import { PROVIDERS, type ProviderName } from '../settings/accounts.ts'
import { SCHEMA } from '../settings/index.ts'
import { isRow, type Row, type Section } from '../settings/setting.ts'
import { defaultOf } from './json-schema.ts'

type Written = { readonly [name: string]: JsonValue }

/** An example account with what the provider needs. */
export function exampleAccount(provider: ProviderName): Written {
  const signIn = { username: 'me@example.com', password: 'change me please' }
  const list = { path: '/api/v1/devices/', items: 'results', serial: 'sn', key: 'totp_key', name: 'name', next: 'next' }
  switch (provider) {
    case 'terneo':
    case 'welrok':
      return { id: provider, provider, ...signIn }
    case 'bearer':
      return {
        id: provider,
        provider,
        url: 'https://bearer.example',
        username_field: 'email',
        ...signIn,
        devices: list,
      }
    case 'omnitron':
      return {
        id: provider,
        provider,
        url: 'https://omnitron.example',
        ...signIn,
        totp_secret: 'JBSWY3DPEHPK3PXP',
        devices: { ...list, path: '/api/devices/' },
      }
    case 'txty':
      return {
        id: provider,
        provider,
        username: 'me',
        password: 'change me please',
        devices: { path: '/device/list.json', items: 'data.list', serial: 'serial', key: 'secret.totp', name: 'name' },
      }
  }
}

/**
 * A file to start from: every setting with its meaning, its default and its variable. Everything but the sections is
 * commented out.
 */
export function example(): string {
  const head = [
    '# yaml-language-server: $schema=schema.json',
    '## Settings of thermo2mqtt. Copy this file to config/local.yaml, or to config.yaml in the data folder.',
    '## A line with ## explains; take the # away from a line to set what it names. config/README.md has all of it.',
    '## Generated from src/config/settings/index.ts; run "npm run generate" after changing it.',
  ]
  return `${[...head, ...sectionLines(SCHEMA, '')].join('\n')}\n`
}

/** A blank line separates settings, but not a section's name from its first setting. */
function sectionLines(section: Section, indent: string): string[] {
  return Object.entries(section).flatMap(([name, node], index) => {
    const gap = index === 0 && indent !== '' ? [] : ['']
    if (!isRow(node)) return [...gap, `${indent}${name}:`, ...sectionLines(node, `${indent}  `)]
    return [...gap, ...rowLines(name, node, indent)]
  })
}

/** The name of a list is active, like those of sections; only its items are commented out. */
function rowLines(name: string, row: Row, indent: string): string[] {
  const facts = [
    `Default: ${defaultText(row)}.`,
    row.env === undefined ? undefined : `Variable: ${row.env}${row.sensitive ? ` or ${row.env}_FILE` : ''}.`,
  ]
  const notes = [row.doc, `Allowed: ${row.allowed}.`, facts.filter((fact) => fact !== undefined).join(' ')]
  const inner = row.items ? `${indent}  ` : indent
  const lines = row.items ? itemLines(name, row.items) : [`${name}: ${inline(row.example ?? defaultOf(row))}`]
  return [
    ...(row.items ? [`${indent}${name}:`] : []),
    ...notes.map((note) => `${inner}## ${note}`),
    ...lines.map((line) => `${inner}#${line}`),
  ]
}

function itemLines(name: string, items: Section): string[] {
  const samples = name === 'accounts' ? PROVIDERS.map(exampleAccount) : [sampleOf(items)]
  return samples.flatMap(yamlItem)
}

/** An item made from its rows' examples. */
function sampleOf(items: Section): Written {
  return Object.fromEntries(
    Object.entries(items).flatMap(([name, node]) => (isRow(node) ? [[name, node.example ?? defaultOf(node)]] : [])),
  )
}

/** An item of a YAML list, one line per value. */
export function yamlItem(item: Written): string[] {
  return yamlLines(item).map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`))
}

function yamlLines(value: Written): string[] {
  return Object.entries(value).flatMap(([name, entry]) =>
    isWritten(entry) ? [`${name}:`, ...yamlLines(entry).map((line) => `  ${line}`)] : [`${name}: ${inline(entry)}`],
  )
}

const isWritten = (value: JsonValue): value is Written => isObject(value)

/** Text that YAML reads the same without quotes. */
const BARE = /^([A-Za-z./][A-Za-z0-9_./@-]*( [A-Za-z]+)*|\d+(ms|s|m|h|d)|\d+(\.\d+){3}|[a-z]+:\/\/[a-z.:0-9]+[a-z0-9])$/

/** The value as YAML on one line. Whatever needs quotes is written as JSON, which is YAML too. */
function inline(value: JsonValue): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  return BARE.test(value) && !/^(true|false|null|yes|no|on|off)$/i.test(value) ? value : JSON.stringify(value)
}

/** The default, in words if the value alone says too little. */
export function defaultText(row: Row): string {
  if (row.unset !== undefined) return row.unset
  return row.default === null ? (row.nullable ? 'not set' : 'none; must be given') : String(defaultOf(row))
}
