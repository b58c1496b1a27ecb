import type {
  CallFact,
  Family,
  FlowPlace,
  FlowStep,
  LeakFact,
  ResourceFact,
  Role,
  Value,
} from '../flow/facts.ts';
import type { Edit, Fix } from './finding.ts';

/** The argument of a call that has a role, or undefined where the interface has none such. */
export function argument(call: CallFact, role: Role): Value | undefined {
  return call.args.find((arg) => arg.role === role);
}

/** The other end of a pair, for editors: `mapped here: len at iova`. */
export function acquiredHere({ family, acquire }: ResourceFact): FlowStep {
  const size = argument(acquire, 'size') ?? argument(acquire, 'nents');
  const at = argument(acquire, 'iova');
  const what = size ? `: ${size.text}${at ? ` at ${at.text}` : ''}` : '';
  return { place: acquire.callee, message: `${heldAs(family)} here${what}` };
}

/** What a held resource is: `still {mapped|allocated|…}`. */
export function heldAs(family: Family): 'mapped' | 'allocated' | 'pinned' | 'attached' {
  switch (family) {
    case 'dma-map':
    case 'dma-sg':
    case 'dma-sgtable':
    case 'iommu-map':
      return 'mapped';
    case 'pin':
      return 'pinned';
    case 'iommu-attach':
      return 'attached';
    default:
      return 'allocated';
  }
}

/**
 * The value that a `return` gives, or the label that a `goto` names, with its own place; without one, the statement.
 * Of a call that is handed one error and a text about it, the error is the value.
 */
export function leavingBy(
  at: FlowPlace,
  text: string,
): { readonly text: string; readonly place: FlowPlace } {
  const match = /^(?:return|goto)\b\s*(?<value>[^;]*?)\s*;?$/s.exec(text);
  const value = match?.groups?.['value'] ?? '';
  if (value === '') return { text: '', place: at };
  const start = at.span.start + text.indexOf(value, 'goto'.length);
  const place = { ...at, span: { start, end: start + value.length } };
  const errors = /^\w+\(.*"/s.test(value) ? (value.match(/-E[A-Z0-9]+\b/g) ?? []) : [];
  return { text: errors.length === 1 ? errors[0] : value, place };
}

/** A fix that writes one piece of code over another. Not `safe`: a person reads it before it is kept. */
export function replaceBy(title: string, place: FlowPlace, text: string): Fix {
  const edit: Edit = { file: place.file, span: place.span, text };
  return { title, safe: false, edits: [edit] };
}

/** The fix of a leak: leave by the label behind which exactly what is held here is released. */
export function leaveByLabel({ wayOut }: LeakFact): readonly Fix[] {
  if (wayOut === undefined) return [];
  const edits = wayOut.edits.map(({ place, text }) => ({
    file: place.file,
    span: place.span,
    text,
  }));
  return [{ title: `goto ${wayOut.label}`, safe: false, edits }];
}

/** Proven order of two values on their path; undefined where neither is proven. */
export function order(a: Value, b: Value): 'less' | 'greater' | undefined {
  if (a.range[1] < b.range[0]) return 'less';
  if (a.range[0] > b.range[1]) return 'greater';
  return undefined;
}

/** The steps to a leak, the last of them in the words of the rule: `returns ret; src_dma is still mapped`. */
export function endingWith({ steps, at, atText }: LeakFact, still: string): readonly FlowStep[] {
  const last = steps.at(-1);
  if (last?.place.span.start !== at.span.start) return steps;
  const { text } = leavingBy(at, atText);
  const leaves = text === '' ? 'leaves here' : `returns ${text}`;
  return [...steps.slice(0, -1), { place: last.place, message: `${leaves}; ${still}` }];
}

/** False when the interface is called inside a helper, and the place is the call of the helper. */
export function isDirect(call: CallFact): boolean {
  const { start, end } = call.callee.span;
  return end - start === call.function.length;
}
