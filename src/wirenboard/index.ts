/** Wiren Board’s conventions: their words, which `conventions/` keeps up to date. */
export { wirenBoard } from './convention.ts'
