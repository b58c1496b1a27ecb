import type { Host } from './host.ts';

/** Script and style of the page that shows a simulation. */
export interface ViewFiles {
  readonly script: string;
  readonly style: string;
}

/** Reads what the build put beside the programs. */
export function readViewFiles(host: Host, programFolder: string): ViewFiles {
  const read = (name: string): string => {
    const text = host.readText(`${programFolder}/${name}`);
    if (!text.ok) {
      throw new Error(`${programFolder}/${name} is missing: the installation is not complete`);
    }
    return text.text;
  };
  return { script: read('simulationView.js'), style: read('simulationStyle.css') };
}
