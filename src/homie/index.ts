export { homie } from './convention.ts'
