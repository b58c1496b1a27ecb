import type { CfgNode, Expr } from '../../program/ir.ts';
import { childExpressions } from '../../program/walk.ts';
import { loopsOf, moveAlong, type LoopTable } from '../engine/loops.ts';
import type { Run } from '../engine/run.ts';
import { transfer } from '../engine/transfer.ts';
import type { FlowPlace, WayOut } from '../facts.ts';
import { placeIn } from '../record/places.ts';
import { set } from '../state/intMap.ts';
import type { State } from '../state/state.ts';
import { judgeEnd } from './ends.ts';
import { reachOf } from './reach.ts';

type Return = CfgNode & { readonly kind: 'return' };
type Label = CfgNode & { readonly kind: 'join' };

/** Longest clean-up that is followed. Unit: nodes of the graph. */
const longest = 60;

/**
 * The label that an exit could go to instead of returning: what follows it releases exactly what is held at the exit,
 * on every path that comes there, calls nothing else, and returns the same value.
 *
 * @param ends all states in which the function ended, whole paths only.
 */
export function wayOutOf(run: Run, exit: Return, ends: readonly State[]): WayOut | undefined {
  const { nodes } = run.ir.cfg;
  const arriving = ends.filter(({ returnAt }) => returnAt?.start === exit.start);
  if (arriving.length === 0 || nodes.some(isScoped)) return undefined;
  const loops = loopsOf(run);
  const labels = nodes
    .filter((node): node is Label => node.kind === 'join' && node.label !== undefined)
    .filter((node) => node.start > exit.start && node.order >= 0)
    .sort((a, b) => a.start - b.start);
  for (const label of labels) {
    const edits =
      editsWithout(run, loops, exit, label, arriving) ??
      editsWithResult(run, loops, exit, label, arriving);
    if (edits !== undefined) return { label: label.label!, edits };
  }
  return undefined;
}

/** A jump out of such a scope, or over the declaration of such a variable, runs or skips clean-ups of its own. */
function isScoped({ kind }: CfgNode): boolean {
  return kind === 'guard' || kind === 'cleanup';
}

/** `goto label;` alone: what the label returns is what the exit returns. */
function editsWithout(
  run: Run,
  loops: LoopTable,
  exit: Return,
  label: Label,
  arriving: readonly State[],
): WayOut['edits'] | undefined {
  const fits = arriving.every((state) => {
    const after = follow(run, loops, label, state);
    return after !== undefined && after.returned === state.returned;
  });
  return fits ? [{ place: statement(run, exit), text: `goto ${label.label!};` }] : undefined;
}

/** `ret = value; goto label;` where the label returns a variable. */
function editsWithResult(
  run: Run,
  loops: LoopTable,
  exit: Return,
  label: Label,
  arriving: readonly State[],
): WayOut['edits'] | undefined {
  const variable = resultVariable(run, label);
  if (variable === undefined || exit.value === undefined) return undefined;
  const location = run.locations[variable]!;
  const fits = arriving.every((state) => {
    const { returned } = state;
    if (returned === undefined) return false;
    const told = { ...state, env: set(state.env, location, returned) };
    return follow(run, loops, label, told)?.returned === returned;
  });
  if (!fits) return undefined;
  const { text } = run.source;
  const value = text.slice(exit.value.start, exit.value.end);
  return rewrite(run, exit, [
    `${run.ir.variables[variable]!.name} = ${value};`,
    `goto ${label.label!};`,
  ]);
}

/** The local variable that every way from a label returns; undefined for anything else. */
function resultVariable(run: Run, label: Label): number | undefined {
  const { nodes } = run.ir.cfg;
  const seen = new Set<number>([label.id]);
  const found = new Set<number | undefined>();
  for (const id of seen) {
    const node = nodes[id]!;
    if (node.kind === 'return') found.add(localOf(run, node.value));
    else for (const { to } of node.edges) seen.add(to);
  }
  return found.size === 1 ? [...found][0] : undefined;
}

function localOf(run: Run, value: Expr | undefined): number | undefined {
  if (value?.kind !== 'ident' || value.binding.kind !== 'variable') return undefined;
  const { variable } = value.binding;
  return run.ir.variables[variable]!.kind === 'local' ? variable : undefined;
}

/**
 * The state at the function's end when a path goes on at a label. Undefined where that is not one straight way, where
 * it does anything but release what the path holds, or where something stays behind.
 */
function follow(run: Run, loops: LoopTable, label: Label, from: State): State | undefined {
  const trial: Run = { ...run, recorder: run.recorder.trial(), inherited: new Map() };
  if (from.approximate) return undefined;
  let state: State = { ...from, returned: undefined, returnAt: undefined };
  let node: CfgNode = label;
  for (let i = 0; node.kind !== 'end'; i++) {
    if (i === longest || node.loop >= 0 || !isCleanUp(trial, node)) return undefined;
    const [move, other] = transfer(trial, loops, node, state);
    if (move === undefined || other !== undefined) return undefined;
    state = { ...move.state };
    moveAlong(loops, state, node.id, move.edge);
    node = run.ir.cfg.nodes[move.edge.to]!;
  }
  return state.foreign.length === from.foreign.length && nothingStays(trial, state)
    ? state
    : undefined;
}

function nothingStays(trial: Run, state: State): boolean {
  const stays = state.resources.some(
    (resource) =>
      !resource.inherited &&
      ['nobody', 'own-object'].includes(reachOf(trial.table, state, resource)),
  );
  judgeEnd(trial, state);
  return !stays && !trial.recorder.suspicious;
}

/** True for what may stand behind such a label: releases, messages, assignments, tests of what the path knows. */
function isCleanUp(run: Run, node: CfgNode): boolean {
  switch (node.kind) {
    case 'join':
      return true;
    case 'eval':
      return callsOf(node.expr).every((name) => isReleaseOrMessage(run, name));
    case 'branch':
      return callsOf(node.condition).length === 0;
    case 'return':
      return node.value === undefined || callsOf(node.value).length === 0;
    default:
      return false;
  }
}

/** Names of the calls in an expression; undefined for a call through a pointer. */
function callsOf(expr: Expr): (string | undefined)[] {
  const inside = childExpressions(expr).flatMap(callsOf);
  return expr.kind === 'call' ? [expr.name, ...inside] : inside;
}

function isReleaseOrMessage(run: Run, name: string | undefined): boolean {
  if (name === undefined || run.context.unit.lookup(name)?.file === run.source.file) return false;
  const { contracts, effect } = run.context.meanings.of(name);
  return contracts.length > 0
    ? contracts.every((contract) => contract.effect === 'release')
    : effect?.does === 'nothing';
}

/** The whole statement with its semicolon. */
function statement(run: Run, { start, end }: Return): FlowPlace {
  const { text } = run.source;
  const rest = /^\s*;/.exec(text.slice(end));
  const closed = text[end - 1] === ';' ? 0 : (rest?.[0].length ?? 0);
  return placeIn(run, { start, end: end + closed });
}

/** Several statements in place of one; with braces where it was the only one of its `if` or `else`. */
function rewrite(
  run: Run,
  exit: Return,
  statements: readonly string[],
): WayOut['edits'] | undefined {
  const { text } = run.source;
  const place = statement(run, exit);
  const before = text.slice(0, exit.start);
  const indent = /\n([ \t]*)$/.exec(before)?.[1];
  if (indent === undefined) return undefined;
  const owner = before.trimEnd();
  const lines = statements.join(`\n${indent}`);
  if (/[{};:]$/.test(owner)) return [{ place, text: lines }];
  // A comment between the condition and the statement, or an `else` behind it, is left to a person.
  const alone = /(\)|\belse)$/.test(owner) && !/^\s*else\b/.test(text.slice(place.span.end));
  if (!alone || !indent.endsWith('\t')) return undefined;
  const brace = placeIn(run, { start: owner.length, end: owner.length });
  return [
    { place: brace, text: ' {' },
    { place, text: `${lines}\n${indent.slice(0, -1)}}` },
  ];
}
