import type { Host } from '../../host/host.ts';

/** A host that remembers what it was asked. */
export interface NotingHost extends Host {
  /** Whether the host below answers everything as it did. */
  readonly holds: () => boolean;
  /** Lets go what was noted, and notes no more: whoever still reads through this host does so as before. */
  readonly forget: () => void;
}

/** Asks a host again, and what it answered. */
interface Question {
  readonly ask: () => unknown;
  readonly answer: unknown;
}

/** Notes every question to a host with its answer. */
export function notingHost(host: Host): NotingHost {
  const questions = new Map<string, Question>();
  // Something changed between two times that it was read: no later state gives the same again.
  let isTorn = false;
  let isForgotten = false;
  /** `plain` makes a value of an answer that is the same for the same answer. */
  const noted = <T>(what: string, ask: () => T, plain: (answer: T) => unknown): T => {
    const given = ask();
    if (isForgotten) return given;
    const answer = plain(given);
    const earlier = questions.get(what);
    if (earlier === undefined) questions.set(what, { ask: () => plain(ask()), answer });
    else if (earlier.answer !== answer) isTorn = true;
    return given;
  };
  return {
    readText: (path) =>
      noted(
        `text ${path}`,
        () => host.readText(path),
        (read) => (read.ok ? read.text : undefined),
      ),
    readBytes: (path) =>
      noted(
        `bytes ${path}`,
        () => host.readBytes(path),
        (bytes) => bytes?.join(),
      ),
    list: (path) => noted(`list ${path}`, () => host.list(path), JSON.stringify),
    kind: (path) =>
      noted(
        `kind ${path}`,
        () => host.kind(path),
        (kind) => kind,
      ),
    holds: () =>
      !isTorn &&
      !isForgotten &&
      [...questions.values()].every(({ ask, answer }) => ask() === answer),
    forget: () => {
      isForgotten = true;
      questions.clear();
    },
  };
}
