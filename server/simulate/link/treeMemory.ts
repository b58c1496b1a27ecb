import { KeptUnits } from '../../cfront/keptUnits.ts';
import { LexCache } from '../../cfront/preprocess/sources.ts';
import { DefinitionNames } from './definitionNames.ts';

/** What simulations on the same tree have in common. Each looks whether it still holds; dropping it costs time only. */
export class TreeMemory {
  readonly tokens: LexCache = new LexCache();
  readonly units: KeptUnits = new KeptUnits();
  readonly names: DefinitionNames = new DefinitionNames();
}
