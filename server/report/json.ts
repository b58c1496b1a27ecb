import { version } from './version.ts';

/** The head that every JSON answer of iovet begins with. `version` is that of the format. */
export const jsonHead: { readonly version: 1; readonly tool: { name: 'iovet'; version: string } } =
  {
    version: 1,
    tool: { name: 'iovet', version },
  };

/** A JSON answer as it is printed: the head, then the fields in the order given. */
export function printJson(fields: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ ...jsonHead, ...fields }, null, 2)}\n`;
}
