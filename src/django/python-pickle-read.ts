import { leaves, lengthOf } from './python-pickle-leaves.ts'
import { type ScannedPickle, scanPickle } from './python-pickle-scan.ts'
import { defaultMaxBytes, type PythonKey, PythonTuple, type PythonValue } from './python-value.ts'

/**
 * The value of a pickle that Python 3 wrote (protocols 2 to 5), if it holds nothing but what `PythonValue` has; else
 * undefined. Where `pickle.loads` runs what the pickle says, this refuses: no opcode that names a class or calls anything is
 * known here. Never throws, and makes nothing before the whole pickle is known to be good: values that contain themselves, and
 * those that unfold to more than `maxBytes`, are refused.
 */
export function readPickle(pickle: Uint8Array, maxBytes: number = defaultMaxBytes): PythonValue | undefined {
  const scanned = scanPickle(pickle, maxBytes)
  if (!scanned) return undefined
  return valueAt(Buffer.from(pickle.buffer, pickle.byteOffset, pickle.length), scanned.tree, scanned.root)
}

const [list, dict] = [93, 125]

function valueAt(pickle: Buffer, tree: ScannedPickle['tree'], node: number): PythonValue {
  const at = tree.at(node)
  const opcode = pickle[at] ?? 0
  const leaf = leaves[opcode]
  if (leaf) {
    const from = at + 1 + leaf.prefix
    return leaf.read(pickle.subarray(from, from + lengthOf(leaf, pickle, at + 1)))
  }
  const parts = tree.parts(node).map(part => valueAt(pickle, tree, part))
  if (opcode === dict) return dictOf(parts)
  return opcode === list ? parts : new PythonTuple(parts)
}

/** Of keys and values in turn. */
function dictOf(members: readonly PythonValue[]): PythonValue {
  const values = new Map<PythonKey, PythonValue>()
  for (let i = 0; i < members.length; i += 2) values.set(members[i] as PythonKey, members[i + 1] ?? null)
  return values
}
