import type { Connection } from 'vscode-languageserver/node';
import type { Host } from '../host/host.ts';
import { isKernelTree } from '../host/kernelTree.ts';
import type { Reviewer } from './review.ts';
import { parseSettings, type Settings } from './settings.ts';

/** The settings of each document, asked for once. */
export interface SettingsStore {
  readonly of: (uri: string) => Promise<Settings>;
  /** What the client sent by itself at the start: it counts where the client has no answer when it is asked. */
  sent(options: unknown): void;
  /** Settings changed; clients that are not asked send them along. */
  changed(sent: unknown): void;
  forget(uri: string): void;
}

/** No settings yet. `asks`: the client answers when it is asked for the settings of a document. */
export function createSettingsStore(
  connection: Connection,
  around: { readonly host: Host; readonly reviewer: Reviewer },
  asks: () => boolean,
): SettingsStore {
  const known = new Map<string, Promise<Settings>>();
  let sent: object = {};

  /** Names what cannot be used, and goes on without it. */
  function read(answer: unknown): Settings {
    const { value, problems } = parseSettings({ ...sent, ...sectionOf(answer) });
    for (const problem of problems) connection.console.warn(problem);
    for (const id of Object.keys(value.rules)) {
      if (around.reviewer.rule(id) === undefined) {
        connection.console.warn(`iovet.rules: no rule named ${id}`);
      }
    }
    const { kernelTree } = value;
    if (kernelTree !== '' && !isKernelTree(around.host, kernelTree)) {
      connection.console.warn(`iovet.kernelTree: ${kernelTree} is no kernel tree`);
      return { ...value, kernelTree: '' };
    }
    return value;
  }

  return {
    of: (uri) => {
      const settings = known.get(uri);
      if (settings !== undefined) return settings;
      const answer: Promise<unknown> = asks()
        ? connection.workspace.getConfiguration({ scopeUri: uri, section: 'iovet' })
        : Promise.resolve(undefined);
      const asked = answer.then(read, () => read(undefined));
      known.set(uri, asked);
      return asked;
    },
    sent: (options) => {
      sent = sectionOf(options);
    },
    changed: (now) => {
      known.clear();
      if (!asks()) sent = sectionOf(now);
    },
    forget: (uri) => {
      known.delete(uri);
    },
  };
}

/** The section `iovet` where the client sent all of its settings, else what it sent; nothing where that is no object. */
function sectionOf(raw: unknown): object {
  if (typeof raw !== 'object' || raw === null) return {};
  return 'iovet' in raw ? sectionOf(raw.iovet) : raw;
}
