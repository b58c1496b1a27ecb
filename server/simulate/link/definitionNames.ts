/** Names that files may define as functions, by the text that was last seen of each. */
export class DefinitionNames {
  private readonly files = new Map<
    string,
    { readonly text: string; readonly names: ReadonlySet<string> }
  >();

  /** Names that stand before a parenthesis in a line that begins at the left margin. */
  namesIn(path: string, text: string): ReadonlySet<string> {
    const known = this.files.get(path);
    if (known?.text === text) return known.names;
    const names = new Set(Array.from(text.matchAll(DEFINITION_LINE), ([, name]) => name!));
    this.files.set(path, { text, names });
    return names;
  }
}

const DEFINITION_LINE = /^(?!static\b)[A-Za-z_][\w *]*?\b(\w+)[ \t]*\(/gm;
