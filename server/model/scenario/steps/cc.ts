import { addr, formatAddr } from '../../bits/pfn.ts';
import { dmaMap as mapForDma, mappingProblem, type DmaMapRequest } from '../../cc/dmaMap.ts';
import { delegate as toRealm, undelegate as fromRealm } from '../../cc/gpt.ts';
import { donate as donatePage, unmetConditions } from '../../cc/pkvm.ts';
import { psmash as smash, rmpupdate } from '../../cc/rmp.ts';
import { note } from '../../world/trace.ts';
import { gives, type Execute } from './step.ts';

/** `rmp`. */
export const rmp: Execute = (world, args) => {
  const { pfn } = args.at('at');
  const size = args.name('size') === '2M' ? '2M' : '4K';
  const assigned = args.flag('assigned', true);
  const result = rmpupdate(world.cc.rmp, pfn, {
    assigned,
    asid: args.count('guest', 1),
    gpaPfn: pfn,
    size,
    immutable: false,
    validated: assigned,
  });
  const state = assigned ? `assigned to guest ${args.count('guest', 1)}` : 'shared';
  note(
    world.trace,
    'hypervisor',
    `RMPUPDATE ${formatAddr(addr(pfn))}, ${size}, ${state}: ${result}`,
  );
  return gives(result);
};

/** `psmash`. */
export const psmash: Execute = (world, args) => {
  const { pfn } = args.at('at');
  const result = smash(world.cc.rmp, pfn);
  note(world.trace, 'hypervisor', `PSMASH ${formatAddr(addr(pfn))}: ${result}`);
  return gives(result);
};

/** `delegate`. */
export const delegate: Execute = (world, args) => {
  const { pfn } = args.at('at');
  const result = toRealm(world.cc.gpt, pfn);
  note(
    world.trace,
    'firmware',
    `${formatAddr(addr(pfn))} is delegated to the realm world: ${result}`,
  );
  return gives(result);
};

/** `undelegate`. */
export const undelegate: Execute = (world, args) => {
  const { pfn } = args.at('at');
  const result = fromRealm(world.cc.gpt, pfn);
  note(
    world.trace,
    'firmware',
    `${formatAddr(addr(pfn))} is taken back from the realm world: ${result}`,
  );
  return gives(result);
};

/** `donate`. */
export const donate: Execute = (world, args) => {
  const { pfn } = args.at('at');
  const to = args.text('to') === 'guest' ? { vm: 1 } : 'hyp';
  const result = donatePage(world.cc.pkvm, pfn, to);
  note(
    world.trace,
    'hypervisor',
    `${formatAddr(addr(pfn))} is donated to ${to === 'hyp' ? 'the hypervisor' : 'a guest'}: ${result}`,
  );
  return gives(result);
};

/** `dma-map`. */
export const dmaMap: Execute = (world, args) => {
  const request: DmaMapRequest = {
    ops: args.name('ops') === 'iommu' ? 'iommu' : 'direct',
    call: args.text('call') === 'map_sg' ? 'map_sg' : 'map_phys',
    ccShared: args.flag('cc-shared'),
    forceUnencrypted: true,
    page: args.text('page') === 'private' ? 'private' : 'shared',
    pool: { ccShared: args.text('pool') !== 'private' },
  };
  const rules = args.text('rules') === 'seed-000' ? 'seed-000' : '7.3';
  const result = mapForDma(request, rules);
  const text = result.kind === 'in-place' ? `in place, ${result.address}` : result.kind;
  note(
    world.trace,
    'cpu',
    `dma_${request.call}() through dma-${request.ops}, rules of ${rules}: ${text}`,
  );
  const problem = mappingProblem(request, result) ?? ignoredError(args.flag('use'), result.kind);
  return {
    results: [text],
    claims: problem === undefined ? [] : [{ kind: 'dma-mapped', problem }],
  };
};

/** A driver that uses a page although it may not be mapped breaks the rule that the refusal upholds. */
function ignoredError(used: boolean, kind: string): string | undefined {
  return used && kind === 'mapping-error'
    ? 'the driver gives the device a page that can not be mapped for it'
    : undefined;
}

/** `share-stage2`. */
export const shareStage2: Execute = (world, args) => {
  const has = new Set(args.words('has'));
  const unmet = unmetConditions({
    sameFormat: has.has('format'),
    sameGranule: has.has('granule'),
    sameEndianness: has.has('endianness'),
    cpuBbmNoAbort: has.has('cpu-bbml3'),
    smmuBbml: has.has('smmu-bbml2') ? 2 : 1,
    stall: has.has('stall'),
    pinned: has.has('pinned'),
    coherent: has.has('coherent'),
    broadcast: has.has('btm'),
  });
  for (const reason of unmet) note(world.trace, 'hypervisor', `not shared: ${reason}`);
  if (unmet.length === 0) {
    note(
      world.trace,
      'hypervisor',
      'no listed condition is unmet; the list of seed 001 is not complete',
    );
    return gives(
      'unknown: every condition of the list is met, and its author says that the list is not complete',
    );
  }
  return gives(...unmet.map((reason) => `refused: ${reason}`));
};
