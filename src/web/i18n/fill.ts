/** Texts with places that are filled in. */

export type Fill = Readonly<Record<string, string | number>>

/** `{n}`, or `{n:room|rooms}`: what goes with that number, one form for each kind of number that the language has. */
const PLACE = /\{(\w+)(?::([^{}]*))?\}/g

/** All kinds, in the order in which a text has its forms: English has `one` and `other`; Polish `one`, `few`, `many` and `other`. */
const KINDS: readonly Intl.LDMLPluralRule[] = ['zero', 'one', 'two', 'few', 'many', 'other']

export function kindsOf(rules: Intl.PluralRules): readonly Intl.LDMLPluralRule[] {
  const { pluralCategories } = rules.resolvedOptions()
  return KINDS.filter((kind) => pluralCategories.includes(kind))
}

/** @param number writes a number as the language does. What is not given stays to be seen. */
export function filled(text: string, fill: Fill, rules: Intl.PluralRules, number: (value: number) => string): string {
  return text.replace(PLACE, (place, name: string, forms: string | undefined) => {
    const value = fill[name]
    if (value === undefined) return place
    if (forms === undefined) return typeof value === 'number' ? number(value) : value
    const each = forms.split('|')
    return each[kindsOf(rules).indexOf(rules.select(Number(value)))] ?? each.at(-1) ?? place
  })
}
