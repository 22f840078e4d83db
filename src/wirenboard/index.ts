export { type WirenBoardOptions, wirenBoard } from './convention.ts'
