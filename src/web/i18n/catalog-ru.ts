/** Names and texts of the datapoints, by key. */
export const catalogRu: Readonly<Record<string, readonly [name: string, text: string]>> = {}
