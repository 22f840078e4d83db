/** Names and texts of the datapoints, by key. */
export const catalogUk: Readonly<Record<string, readonly [name: string, text: string]>> = {}
