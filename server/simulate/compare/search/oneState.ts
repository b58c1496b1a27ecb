import type { Runnable } from '../change/sideLoader.ts';
import type { SimulatedFunction } from '../result/simulation.ts';

/** Where C decides which way to go. */
const WAYS = /\b(?:if|else|while|for|switch|case|default|goto|break|continue)\b|&&|\|\||\?/;

/**
 * A driver that runs as a whole is in one state, on one processor: a changed condition has ways that it does not take
 * there, of which equal runs say nothing.
 */
export function inOneState(
  result: SimulatedFunction,
  { before, after, map }: Runnable['file'],
): SimulatedFunction {
  if (result.verdict !== 'unchanged') return result;
  const texts = { before: before.text.split('\n'), after: after.text.split('\n') };
  const decides = map.lines.some(
    (line) =>
      line.kind !== 'context' &&
      (['before', 'after'] as const).some((side) => WAYS.test(texts[side][(line[side] ?? 0) - 1] ?? '')), // prettier-ignore
  );
  if (!decides) return result;
  const reason = `no difference, but ${result.situation} takes one way where a changed condition has more`;
  return { ...result, verdict: 'unknown', reason };
}
