export { Mirror, type MirrorOptions } from './mirror.ts'
export type { Convention } from './types.ts'
