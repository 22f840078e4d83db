import { runFolder } from './folder.ts'

// Each of them takes less than a process takes to start.
await runFolder('catalog')
await runFolder('config')
await runFolder('core')
await runFolder('docs')
await runFolder('guardian')
await runFolder('history')
await runFolder('homie')
await runFolder('messages')
await runFolder('native')
await runFolder('protocol')
await runFolder('release')
await runFolder('simulator')
await runFolder('updates')
await runFolder('wirenboard')
