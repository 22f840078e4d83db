/** Prometheus' text format, version 0.0.4, read as strictly as promtool reads it. */

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Family {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: Sample[]
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y
const VALUE = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|\+Inf|-Inf|NaN)$/i
const TYPES: ReadonlySet<string> = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped'])

const numberOf = (text: string): number => (text.endsWith('Inf') ? Number(`${text[0]}Infinity`) : Number(text))

function labelsOf(text: string | undefined): Record<string, string> {
  const labels: Record<string, string> = {}
  for (LABEL.lastIndex = 0; text !== undefined && LABEL.lastIndex < text.length; ) {
    const [, name = '', value = ''] = LABEL.exec(text) ?? []
    if (name === '') throw new SyntaxError(`these are no labels: ${text}`)
    if (name in labels) throw new SyntaxError(`a label comes twice: ${text}`)
    labels[name] = value.replace(/\\(["\\n])/g, (_, char: string) => (char === 'n' ? '\n' : char))
  }
  return labels
}

/** The families in a scrape, by name. @throws SyntaxError for what Prometheus would refuse */
export function parseExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new SyntaxError('the last line does not end')
  const families = new Map<string, Family>()
  const series = new Set<string>()
  let help: readonly [name: string, text: string] | undefined
  let current: Family | undefined
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue
    if (line.startsWith('# HELP ')) {
      const [name = '', ...words] = line.slice(7).split(' ')
      help = [name, words.join(' ')]
    } else if (line.startsWith('# TYPE ')) {
      const [name = '', type = '', ...more] = line.slice(7).split(' ')
      if (!NAME.test(name) || !TYPES.has(type) || more.length > 0) throw new SyntaxError(`this is no type: ${line}`)
      if (families.has(name)) throw new SyntaxError(`${name} comes twice`)
      if (help?.[0] !== name || help[1] === '') throw new SyntaxError(`${name} has no help`)
      current = { name, type, help: help[1], samples: [] }
      families.set(name, current)
    } else if (!line.startsWith('#')) {
      const [, name = '', labels, value = ''] = LINE.exec(line) ?? []
      if (name === '' || !VALUE.test(value)) throw new SyntaxError(`this is no sample: ${line}`)
      const suffix = current && name.startsWith(current.name) ? name.slice(current.name.length) : '?'
      const allowed =
        current?.type === 'histogram'
          ? ['_bucket', '_sum', '_count']
          : current?.type === 'summary'
            ? ['', '_sum', '_count']
            : ['']
      if (!current || !allowed.includes(suffix)) throw new SyntaxError(`this stands under another metric: ${line}`)
      const sample = { name, labels: labelsOf(labels), value: numberOf(value) }
      const identity = JSON.stringify([name, Object.entries(sample.labels).sort()])
      if (series.has(identity)) throw new SyntaxError(`this comes twice: ${line}`)
      series.add(identity)
      current.samples.push(sample)
    }
  }
  return families
}

/** What `promtool check metrics` objects to, and histograms that don't add up; a line each. */
export function objections(families: ReadonlyMap<string, Family>): string[] {
  return [...families.values()].flatMap(({ name, type, samples }) => [
    ...((type === 'counter') === name.endsWith('_total') ? [] : [`${name}: _total is for counters`]),
    ...(/(^|_)(milliseconds|ms|minutes|hours|kilowatt|kwh|percent|fahrenheit|count|sum|bucket)(_|$)/i.test(name)
      ? [`${name}: no base unit, or a name that is kept for histograms`]
      : []),
    ...(type === 'counter' && samples.some(({ value }) => !(value >= 0)) ? [`${name}: below 0`] : []),
    ...(type === 'histogram' ? wrongHistogram(name, samples) : []),
  ])
}

function wrongHistogram(name: string, samples: readonly Sample[]): string[] {
  const groups = new Map<string, Sample[]>()
  for (const sample of samples) {
    const { le: _, ...labels } = sample.labels
    const key = JSON.stringify(labels)
    groups.set(key, [...(groups.get(key) ?? []), sample])
  }
  return [...groups].flatMap(([labels, group]) => {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`)
    const bounds = buckets.map(({ labels: { le = '' } }) => numberOf(le))
    const rising = (values: readonly number[]) => values.every((value, i) => value >= (values[i - 1] ?? -Infinity))
    const count = group.find((sample) => sample.name === `${name}_count`)?.value
    const last = buckets.at(-1)
    const sum = group.some((sample) => sample.name === `${name}_sum`)
    const whole = last?.labels.le === '+Inf' && last.value === count && sum
    return whole && rising(bounds) && rising(buckets.map(({ value }) => value)) ? [] : [`${name}${labels} is not whole`]
  })
}
