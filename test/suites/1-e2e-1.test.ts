import { runFolder } from './folder.ts'

// Mostly waiting, so that the others have the processor meanwhile.
await runFolder('e2e', { part: 1, of: 3 })
