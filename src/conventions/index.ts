/** Keeps the topics of any convention up to date, whatever its words. */
export { Mirror } from './mirror.ts'
