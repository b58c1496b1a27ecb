import {
  SymbolKind,
  type CallHierarchyIncomingCall,
  type CallHierarchyItem,
  type CallHierarchyOutgoingCall,
  type Location as WireLocation,
} from 'vscode-languageserver/node';
import {
  lifeCallAt,
  lifeCalls,
  otherEnds,
  type LifeCall,
} from '../../explain/navigation/resourceLinks.ts';
import { wiringOf } from '../../explain/navigation/wiring.ts';
import { wordAt } from '../../explain/text/wordAt.ts';
import { lineIndex, type LineIndex } from '../../text/lineIndex.ts';
import type { Span } from '../../text/span.ts';
import type { WirePosition } from '../messages.ts';
import { wireRange } from '../places.ts';
import type { Answer } from '../workspace.ts';

/** From a map to its unmaps and back; from a function to the tables and registrations that it stands in. */
export function implementationsAt(answer: Answer, position: WirePosition): WireLocation[] {
  return locationsOf(answer, (index, readings) => {
    const offset = offsetOf(index, position);
    const [{ unit, facts, text }] = readings;
    const calls = lifeCalls(facts);
    const from = lifeCallAt(calls, offset);
    if (from !== undefined) return otherEnds(facts, calls, from).map(({ span }) => span);
    const word = wordAt(text, offset);
    return word === undefined ? [] : wiringOf(unit, text, word);
  });
}

/** The resource of the call at a place, as the root of a call hierarchy; null where no resource is made or ended. */
export function resourceAt(answer: Answer, position: WirePosition): CallHierarchyItem[] | null {
  const [reading] = answer.readings;
  if (reading === undefined) return null;
  const index = lineIndex(reading.text);
  const found = lifeCallAt(lifeCalls(reading.facts), offsetOf(index, position));
  return found === undefined ? null : [itemOf(answer, index, found)];
}

/** The calls that make what a call ends. */
export function makersOf(answer: Answer, item: CallHierarchyItem): CallHierarchyIncomingCall[] {
  return partners(answer, item, true).map((from) => ({ from, fromRanges: [from.selectionRange] }));
}

/** The calls that end what a call makes. */
export function endersOf(answer: Answer, item: CallHierarchyItem): CallHierarchyOutgoingCall[] {
  return partners(answer, item, false).map((to) => ({ to, fromRanges: [item.selectionRange] }));
}

function partners(answer: Answer, item: CallHierarchyItem, makes: boolean): CallHierarchyItem[] {
  const [reading] = answer.readings;
  if (reading === undefined) return [];
  const index = lineIndex(reading.text);
  const calls = lifeCalls(reading.facts);
  const from = lifeCallAt(calls, offsetOf(index, item.selectionRange.start));
  if (from === undefined || from.makes === makes) return [];
  return otherEnds(reading.facts, calls, from).flatMap(({ span }) => {
    const other = lifeCallAt(calls, span.start);
    return other === undefined ? [] : [itemOf(answer, index, other)];
  });
}

function itemOf(
  answer: Answer,
  index: LineIndex,
  { call, handle, makes }: LifeCall,
): CallHierarchyItem {
  return {
    name: `${call.function}(${handle})`,
    detail: `${call.callee.function}(), ${makes ? 'makes it' : 'ends it'}`,
    kind: SymbolKind.Function,
    uri: answer.uri,
    range: wireRange(index.range(call.place.span)),
    selectionRange: wireRange(index.range(call.callee.span)),
  };
}

type Readings = readonly [Answer['readings'][number], ...Answer['readings']];

function locationsOf(
  answer: Answer,
  find: (index: LineIndex, readings: Readings) => readonly Span[],
): WireLocation[] {
  const [first, ...rest] = answer.readings;
  if (first === undefined) return [];
  const index = lineIndex(first.text);
  return find(index, [first, ...rest]).map((span) => ({
    uri: answer.uri,
    range: wireRange(index.range(span)),
  }));
}

function offsetOf(index: LineIndex, { line, character }: WirePosition): number {
  return index.offset({ line: line + 1, column: character + 1 });
}
