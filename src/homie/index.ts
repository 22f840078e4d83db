export { type HomieOptions, homie } from './convention.ts'
