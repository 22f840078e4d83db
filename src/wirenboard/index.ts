export { wirenBoard } from './convention.ts'
