/** Homie 5: the words of one convention, which `conventions/` keeps up to date. */
export { homie } from './convention.ts'
