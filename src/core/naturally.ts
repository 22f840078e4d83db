/** Sorts texts as people count: "Bathroom 2" before "Bathroom 10". Case and accents decide only between equals. */
const collator = new Intl.Collator('und', { numeric: true })

export const naturally = (a: string, b: string): number => collator.compare(a, b)
