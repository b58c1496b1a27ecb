/**
 * A persistent map from non-negative integers, as a Patricia tree on the bits of the key.
 * Copies share structure, and comparing or merging two versions skips what they share.
 */
export type IntMap<V> = Empty | Leaf<V> | Fork<V>;

interface Empty {
  readonly kind: 0;
}

interface Leaf<V> {
  readonly kind: 1;
  readonly key: number;
  readonly value: V;
}

interface Fork<V> {
  readonly kind: 2;
  /** Bits above the branching bit. */
  readonly prefix: number;
  /** The branching bit. */
  readonly bit: number;
  readonly left: Leaf<V> | Fork<V>;
  readonly right: Leaf<V> | Fork<V>;
}

/** The map without entries. */
export const emptyMap: Empty = { kind: 0 };

/** The value of a key, or undefined. */
export function get<V>(map: IntMap<V>, key: number): V | undefined {
  let node = map;
  while (node.kind === 2) node = (key & node.bit) === 0 ? node.left : node.right;
  return node.kind === 1 && node.key === key ? node.value : undefined;
}

function maskAbove(key: number, bit: number): number {
  return key & ~(bit | (bit - 1));
}

function fork<V>(a: Leaf<V> | Fork<V>, keyA: number, b: Leaf<V> | Fork<V>, keyB: number): Fork<V> {
  const bit = 1 << (31 - Math.clz32(keyA ^ keyB));
  const prefix = maskAbove(keyA, bit);
  return (keyA & bit) === 0
    ? { kind: 2, prefix, bit, left: a, right: b }
    : { kind: 2, prefix, bit, left: b, right: a };
}

/** The map with one entry added or replaced. */
export function set<V>(map: IntMap<V>, key: number, value: V): Leaf<V> | Fork<V> {
  if (map.kind === 0) return { kind: 1, key, value };
  if (map.kind === 1) {
    const leaf: Leaf<V> = { kind: 1, key, value };
    if (map.key !== key) return fork(leaf, key, map, map.key);
    return map.value === value ? map : leaf;
  }
  if (maskAbove(key, map.bit) !== map.prefix) {
    return fork({ kind: 1, key, value }, key, map, map.prefix);
  }
  if ((key & map.bit) === 0) {
    const left = set(map.left, key, value);
    return left === map.left ? map : { ...map, left };
  }
  const right = set(map.right, key, value);
  return right === map.right ? map : { ...map, right };
}

/** The map without a key. */
export function remove<V>(map: IntMap<V>, key: number): IntMap<V> {
  if (map.kind === 0) return map;
  if (map.kind === 1) return map.key === key ? emptyMap : map;
  if ((key & map.bit) === 0) {
    const left = remove(map.left, key);
    if (left === map.left) return map;
    return left.kind === 0 ? map.right : { ...map, left };
  }
  const right = remove(map.right, key);
  if (right === map.right) return map;
  return right.kind === 0 ? map.left : { ...map, right };
}

/** Calls back for every entry, in order of the keys. */
export function forEach<V>(map: IntMap<V>, visit: (key: number, value: V) => void): void {
  if (map.kind === 0) return;
  if (map.kind === 1) {
    visit(map.key, map.value);
    return;
  }
  forEach(map.left, visit);
  forEach(map.right, visit);
}

/** True when both maps have the same entries. */
export function same<V>(a: IntMap<V>, b: IntMap<V>, equal: (x: V, y: V) => boolean): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind) return false;
  if (a.kind === 1 && b.kind === 1) return a.key === b.key && equal(a.value, b.value);
  if (a.kind === 2 && b.kind === 2) {
    if (a.bit !== b.bit || a.prefix !== b.prefix) return false;
    return same(a.left, b.left, equal) && same(a.right, b.right, equal);
  }
  return true;
}

/** Calls back for every key whose entries differ; one side is undefined where it has none. Shared parts are not looked at. */
export function differences<V>(
  a: IntMap<V>,
  b: IntMap<V>,
  visit: (key: number, left: V | undefined, right: V | undefined) => void,
): void {
  if (a === b) return;
  if (a.kind === 0 || b.kind === 0) {
    onlyLeft(a, visit);
    onlyRight(b, visit);
  } else if (a.kind === 1 && b.kind === 1 && a.key === b.key) {
    if (a.value !== b.value) visit(a.key, a.value, b.value);
  } else if (a.kind === 2 && b.kind === 2 && a.bit === b.bit && a.prefix === b.prefix) {
    differences(a.left, b.left, visit);
    differences(a.right, b.right, visit);
  } else if (a.kind === 2 && belongsBelow(b, a)) {
    const isLeft = (anyKey(b) & a.bit) === 0;
    differences(a.left, isLeft ? b : emptyMap, visit);
    differences(a.right, isLeft ? emptyMap : b, visit);
  } else if (b.kind === 2 && belongsBelow(a, b)) {
    const isLeft = (anyKey(a) & b.bit) === 0;
    differences(isLeft ? a : emptyMap, b.left, visit);
    differences(isLeft ? emptyMap : a, b.right, visit);
  } else {
    onlyLeft(a, visit);
    onlyRight(b, visit);
  }
}

function anyKey<V>(node: Leaf<V> | Fork<V>): number {
  return node.kind === 1 ? node.key : node.prefix;
}

/** True when every key of the one is of the kind that one side of the fork holds. */
function belongsBelow<V>(node: Leaf<V> | Fork<V>, fork: Fork<V>): boolean {
  return (
    (node.kind === 1 || node.bit < fork.bit) && maskAbove(anyKey(node), fork.bit) === fork.prefix
  );
}

function onlyLeft<V>(
  map: IntMap<V>,
  visit: (key: number, left: V | undefined, right: V | undefined) => void,
): void {
  forEach(map, (key, value) => {
    visit(key, value, undefined);
  });
}

function onlyRight<V>(
  map: IntMap<V>,
  visit: (key: number, left: V | undefined, right: V | undefined) => void,
): void {
  forEach(map, (key, value) => {
    visit(key, undefined, value);
  });
}
