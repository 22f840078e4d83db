/** Finds the subscribers of a topic level by level, without trying every filter. */

class Node<T> {
  readonly children = new Map<string, Node<T>>()
  readonly values = new Set<T>()
}

export class FilterTree<T> {
  readonly #root = new Node<T>()

  add(filter: string, value: T): void {
    let node = this.#root
    for (const level of filter.split('/')) {
      const child = node.children.get(level) ?? new Node<T>()
      node.children.set(level, child)
      node = child
    }
    node.values.add(value)
  }

  remove(filter: string, value: T): void {
    const path = [this.#root]
    const levels = filter.split('/')
    for (const level of levels) {
      const child = path.at(-1)?.children.get(level)
      if (!child) return
      path.push(child)
    }
    path.at(-1)?.values.delete(value)
    for (let depth = levels.length; depth > 0; depth--) {
      const node = path[depth]
      if (node && (node.values.size > 0 || node.children.size > 0)) return
      path[depth - 1]?.children.delete(levels[depth - 1] ?? '')
    }
  }

  /** Each value once, however many of its filters match `topic`. */
  match(topic: string): ReadonlySet<T> {
    const found = new Set<T>()
    collect(this.#root, topic.split('/'), 0, found)
    return found
  }
}

function collect<T>(node: Node<T>, levels: readonly string[], depth: number, found: Set<T>): void {
  // A leading wildcard does not match the broker's own topics (MQTT 5, section 4.7.2).
  const wild = depth > 0 || !levels[0]?.startsWith('$')
  const rest = wild ? node.children.get('#') : undefined
  if (rest) for (const value of rest.values) found.add(value)
  const level = levels[depth]
  if (level === undefined) {
    for (const value of node.values) found.add(value)
    return
  }
  for (const name of wild ? [level, '+'] : [level]) {
    const child = node.children.get(name)
    if (child) collect(child, levels, depth + 1, found)
  }
}
