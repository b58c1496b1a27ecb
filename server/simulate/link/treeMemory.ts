import { KeptUnits } from '../../cfront/keptUnits.ts';
import { LexCache } from '../../cfront/preprocess/sources.ts';
import { DefinitionNames } from './definitionNames.ts';

/** What simulations on the same tree have in common. Each looks whether it still holds; dropping it costs time only. */
export class TreeMemory {
  readonly tokens: LexCache;
  readonly units: KeptUnits = new KeptUnits();
  readonly names: DefinitionNames;

  constructor(tokens: LexCache = new LexCache(), names: DefinitionNames = new DefinitionNames()) {
    this.tokens = tokens;
    this.names = names;
  }

  /** The same memory for one file, the units of which are not to outlive it. */
  withoutUnits(): TreeMemory {
    return new TreeMemory(this.tokens, this.names);
  }
}
