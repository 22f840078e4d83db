import { runFolder } from './folder.ts'

// Mostly waiting for the disk, so that the others have the processor meanwhile.
await runFolder('store')
