/**
 * Reads a kernel .config: option (without `CONFIG_`) to its C value, `n` for "is not set".
 * A module (`m`) counts as built in, so the same code is compiled; strings keep their quotes.
 */
export function parseDotConfig(text: string): Map<string, string> {
  const options = new Map<string, string>();
  for (const line of text.split('\n')) {
    const off = /^# CONFIG_(\w+) is not set/.exec(line);
    if (off !== null) options.set(off[1]!, 'n');
    const on = /^CONFIG_(\w+)=(.*)$/.exec(line.trimEnd());
    if (on === null) continue;
    options.set(on[1]!, on[2] === 'y' || on[2] === 'm' ? '1' : on[2]!);
  }
  return options;
}
